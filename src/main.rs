/// So that the sandbox sees what a script takes.
#[global_allocator]
static MEMORY: mixdown::memory::Counting = mixdown::memory::Counting;

fn main() -> std::process::ExitCode {
    mixdown::run(std::env::args_os())
}
