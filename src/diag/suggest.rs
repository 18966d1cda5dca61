/// The candidate most like `name`, if one is near enough to be meant.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| {
            let low = c.to_lowercase();
            let near = strsim::jaro_winkler(&name, &low);
            let edits = strsim::damerau_levenshtein(&name, &low);
            (near, edits, c)
        })
        .filter(|(near, edits, c)| *near > 0.84 || *edits <= 1 + c.chars().count() / 6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(a.2)))
        .map(|(_, _, c)| c)
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
    }
}
