/// An expectation that was judged.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    pub ok: bool,
    pub file: &'a str,
    /// From 1.
    pub line: usize,
    /// As scripts call it: `loudness`.
    pub reading: &'a str,
    pub strip: &'a str,
    pub section: Option<&'a str>,
    /// `above`, `below` or `equals`.
    pub relation: &'static str,
    /// What must be reached.
    pub asked: Option<f64>,
    /// How far from equal is still equal.
    pub within: Option<f64>,
    pub got: Option<f64>,
}
