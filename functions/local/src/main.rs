//! The `muster` command; see the library beside it.

fn main() -> std::process::ExitCode {
    local::run()
}
