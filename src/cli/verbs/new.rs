use std::io::{self, Write};
use std::path::Path;

use crate::cli::args::New;
use crate::cli::terminal::Terminal;
use crate::cli::{End, template};
use crate::world::{Disk, World, join};

/// Makes a project's folder. What is there already is left alone.
pub(in crate::cli) fn new(terminal: &Terminal, world: &Disk, asked: &New) -> End {
    let folder = join(Path::new(""), &asked.name);
    let title = folder.file_name().and_then(|n| n.to_str()).filter(|_| !asked.name.ends_with(".."));
    let Some(title) = title else {
        return terminal.fail(&format!("`{}` cannot name a folder", asked.name.display()), Some(EXAMPLE));
    };
    if let Err(why) = usable(title) {
        return terminal.fail(&format!("`{title}` cannot name a folder: {why}"), Some(EXAMPLE));
    }
    match world.list(&folder) {
        Ok(names) if !names.is_empty() => {
            let help = "nothing was touched; choose another name";
            return terminal.fail(&format!("`{}` exists and is not empty", folder.display()), Some(help));
        }
        Err(_) if world.exists(&folder) => {
            return terminal.fail(&format!("`{}` exists and is no folder", folder.display()), None);
        }
        _ => {}
    }
    for (path, bytes) in template::files(title) {
        let path = folder.join(path);
        if let Err(error) = write(world, &path, &bytes) {
            return terminal.fail(&format!("`{}` could not be written: {error}", path.display()), None);
        }
        if terminal.verbose {
            terminal.say(&format!("wrote {}", path.display()));
        }
    }
    let shown = folder.display().to_string();
    let shown = if shown.contains(' ') { format!("\"{shown}/song.mix\"") } else { format!("{shown}/song.mix") };
    terminal.say(&format!("made {}; now: mixdown render {shown}", folder.display()));
    End::Fine
}

const EXAMPLE: &str = "for example: mixdown new night-drive";

fn write(world: &Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut output = world.create(path)?;
    output.write_all(bytes)?;
    output.commit()
}

/// Whether every file system takes the name, so that the project can travel.
fn usable(name: &str) -> Result<(), &'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let stem = name.split('.').next().unwrap_or("").to_ascii_lowercase();
    let numbered =
        |port: &str| stem.strip_prefix(port).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    if name.chars().any(|c| c.is_control() || r#"<>:"|?*\"#.contains(c)) {
        return Err("some systems refuse < > : \" | ? * \\ and control characters");
    }
    if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        return Err("a space at an end, or a dot at the end, is lost on some systems");
    }
    if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") {
        return Err("it is a device on some systems");
    }
    if name.starts_with('-') {
        return Err("it would be read as an option");
    }
    if name.len() > 200 {
        return Err("it is too long");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::usable;

    #[test]
    fn names_that_some_system_refuses_are_refused() {
        for name in ["night-drive", "Köln 3", "a.b", "console", "com10", ".hidden"] {
            assert_eq!(usable(name), Ok(()), "{name}");
        }
        for name in ["a:b", "what?", "dot.", "space ", "NUL", "com1", "lpt9.x", "-x", "tab\t"] {
            assert!(usable(name).is_err(), "{name}");
        }
        assert!(usable(&"x".repeat(201)).is_err());
    }
}
