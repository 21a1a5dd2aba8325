//! The `muster` command; see the library beside it.

/// A fifth of a request is spent on memory with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    local::run()
}
