//! A script that masters one stereo file.

use std::fmt::Write;

use crate::session::{Format, Target};

/// What it is made of.
#[derive(Clone, Debug)]
pub struct Mastering<'a> {
    /// As seen from the script.
    pub audio: &'a str,
    pub title: &'a str,
    /// A chain of the standard library's `mastering`.
    pub chain: &'a str,
    /// Names of targets, and the extension of each one's file.
    pub targets: &'a [(String, &'static str)],
}

impl Mastering<'_> {
    pub fn script(&self) -> String {
        let (audio, title) = (quoted(self.audio), quoted(self.title));
        let mut text = String::from(
            "// One stereo file, mastered. `mixdown render` makes the files again; change what you like.\n\n",
        );
        text.push_str("import \"mastering\" as m;\n\n");
        // writing into a string cannot fail
        let _ = write!(text, "song({title});\ntrack(\"song\", {audio});\n\nm::{}(-1dBTP);\n\n", self.chain);
        let name = file_name(self.title);
        for (target, extension) in self.targets {
            let _ = writeln!(text, "deliver(master, \"{name}-{{target}}.{extension}\", target: {});", quoted(target));
        }
        text
    }
}

/// Of the file that goes to a target.
pub fn extension(target: &Target) -> &'static str {
    match target.format {
        Some(Format::Flac) => "flac",
        Some(Format::Aiff) => "aiff",
        Some(Format::Wav) | None => "wav",
    }
}

/// What files are called after a title: `{song}`, or what every file system takes of it.
fn file_name(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !c.is_control() && !"\\:*?\"<>|{}".contains(*c)).collect();
    match kept.trim().trim_start_matches('.').trim() {
        kept if kept == title => "{song}".to_string(),
        "" => "master".to_string(),
        kept => kept.replace('/', "-"),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_like_a_script() {
        let targets = [("spotify".to_string(), "flac"), ("cd".to_string(), "wav")];
        let mastering = Mastering { audio: "mix \"4\".wav", title: "Night Drive", chain: "warm", targets: &targets };
        let text = mastering.script();
        assert!(text.contains("track(\"song\", \"mix \\\"4\\\".wav\");"), "{text}");
        assert!(text.contains("song(\"Night Drive\");"), "{text}");
        assert!(text.ends_with("deliver(master, \"{song}-{target}.wav\", target: \"cd\");\n"), "{text}");
    }

    #[test]
    fn any_title_makes_a_file_name() {
        for (title, name) in [
            ("Night/Drive", "{song}"),
            ("Mein \"Läuf\" #1 {song}", "Mein Läuf #1 song"),
            ("AC/DC: live?", "AC-DC live"),
            ("...", "master"),
            ("\u{7}", "master"),
            (" a ", "a"),
            (".hidden", "hidden"),
        ] {
            assert_eq!(file_name(title), name, "{title}");
        }
        assert_eq!(quoted("a\nb"), "\"a b\"");
    }
}
