//! A text that fails, made smaller as long as it fails.

/// Takes away lines, then letters: halves of what is there, quarters, and so on. A thousand tries are enough.
pub(crate) fn smallest(text: &str, fails: impl Fn(&str) -> bool) -> String {
    let mut tries = 1000;
    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_string).collect();
    let lines = without(lines, &fails, &mut tries);
    tries += 500;
    let letters: Vec<String> = lines.concat().chars().map(String::from).collect();
    without(letters, &fails, &mut tries).concat()
}

fn without(mut parts: Vec<String>, fails: &impl Fn(&str) -> bool, tries: &mut usize) -> Vec<String> {
    let mut size = parts.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < parts.len() && *tries > 0 {
            *tries -= 1;
            let to = (at + size).min(parts.len());
            let fewer = [&parts[..at], &parts[to..]].concat();
            if fails(&fewer.concat()) {
                parts = fewer;
            } else {
                at = to;
            }
        }
        if size == 1 || *tries == 0 {
            return parts;
        }
        size = size.div_ceil(2);
    }
}
