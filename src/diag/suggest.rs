/// Pairs of letters that are looked at for one suggestion, some milliseconds: ten thousand names as people give them.
const MOST: usize = 2_000_000;

/// Nobody mistypes a name of more bytes.
const LONGEST: usize = 256;

/// The candidate most like `name`, if one is near enough to be meant.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut left = MOST;
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .take_while(|c| {
            left = left.saturating_sub(name.len() * c.len() + 1);
            left > 0
        })
        .filter_map(|c| {
            let low = c.to_lowercase();
            let near = strsim::jaro_winkler(&name, &low);
            let letters = c.chars().count();
            let few = 1 + letters / 6;
            // edits are counted, which takes long, where it is open whether they are few
            let edited = || {
                let near = name.len().abs_diff(low.len()) <= 4 * few;
                let edits = if near { strsim::damerau_levenshtein(&name, &low) } else { usize::MAX };
                edits <= few && edits < letters.max(name.chars().count())
            };
            // letters that changed places are the likeliest slip of all
            let swapped = name.len() == low.len() && sorted(&name) == sorted(&low);
            (near > 0.84 || edited()).then_some((if swapped { near + 0.3 } else { near }, c))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, c)| c)
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

    #[test]
    fn endless_names_are_not_compared() {
        let long = "x".repeat(60_000);
        let names: Vec<String> = (0..1000).map(|i| format!("{long}{i}")).collect();
        let begun = std::time::Instant::now();
        assert_eq!(suggest(&long, names.iter().map(String::as_str)), None);
        assert!(begun.elapsed().as_millis() < 500);
    }
}
