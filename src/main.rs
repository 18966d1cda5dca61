fn main() -> std::process::ExitCode {
    mixdown::run(std::env::args_os())
}
