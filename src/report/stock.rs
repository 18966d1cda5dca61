/// What a cache holds.
#[derive(Clone, Copy, Debug)]
pub struct Stock<'a> {
    pub folder: &'a str,
    pub packs: usize,
    pub objects: usize,
    pub bytes: u64,
    /// Bytes that it may take.
    pub limit: u64,
    /// Objects that are not what was put; `None` where nobody looked.
    pub damaged: Option<usize>,
}

/// In words.
pub fn stock(stock: &Stock<'_>) -> String {
    let Stock { folder, packs, objects, bytes, limit, damaged } = *stock;
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let mut text = format!(
        "{folder}\n{objects} object{} in {packs} pack{}, {} of at most {}\n",
        s(objects),
        s(packs),
        megabytes(bytes),
        megabytes(limit)
    );
    match damaged {
        Some(0) => text += "all of them are what they were\n",
        Some(n) => text += &format!("{n} damaged: what they held is computed again when it is needed\n"),
        None => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_told_in_words() {
        let one = Stock { folder: "c", packs: 1, objects: 20, bytes: 1_550_000, limit: 8_000_000, damaged: None };
        assert_eq!(stock(&one), "c\n20 objects in 1 pack, 1.6 MB of at most 8.0 MB\n");
        assert!(stock(&Stock { damaged: Some(0), ..one }).ends_with("all of them are what they were\n"));
        assert!(stock(&Stock { damaged: Some(2), ..one }).contains("2 damaged"));
    }
}
