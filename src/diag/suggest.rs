/// The candidate most like `name`, if one is near enough to be meant.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| {
            let low = c.to_lowercase();
            let near = strsim::jaro_winkler(&name, &low);
            let edits = strsim::damerau_levenshtein(&name, &low);
            // letters that changed places are the likeliest slip of all
            let near = if sorted(&name) == sorted(&low) { near + 0.3 } else { near };
            (near, edits, c)
        })
        .filter(|(near, edits, c)| {
            let letters = c.chars().count();
            *near > 0.84 || (*edits <= 1 + letters / 6 && *edits < letters.max(name.chars().count()))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(a.2)))
        .map(|(_, _, c)| c)
}

fn sorted(name: &str) -> Vec<char> {
    let mut letters: Vec<char> = name.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["compressor", "clipper", "reverb", "eq", "delay"];
        assert_eq!(suggest("compresor", names), Some("compressor"));
        assert_eq!(suggest("Reverb", names), Some("reverb"));
        assert_eq!(suggest("dely", names), Some("delay"));
        assert_eq!(suggest("xylophone", names), None);
        assert_eq!(suggest("tow", ["low", "two"]), Some("two"));
        assert_eq!(suggest("c", ["a", "b"]), None, "another letter is another name");
        assert_eq!(suggest("bb", ["a", "b"]), Some("b"));
    }
}
