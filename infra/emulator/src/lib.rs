//! In-process stand-ins for AWS, for tests only.
