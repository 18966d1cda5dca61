use super::{Code, Diagnostic, Sources, Span};

/// A change of a text that takes a mistake away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// What stands there is to be this.
    Text(Span, String),
    /// The name that stands there, in its quotes or without, is to be this one.
    Name(Span, String),
}

impl Diagnostic {
    /// The change in letters, where it is certain: what stands in the place of which bytes. A name that came by way of a variable is none.
    pub fn edit(&self, sources: &Sources) -> Option<(Span, String)> {
        match self.fix.as_deref()? {
            Fix::Text(span, text) => Some((*span, text.clone())),
            Fix::Name(span, name) => {
                let source = sources.get(span.source)?;
                let written = source.text.get(span.start as usize..span.end as usize)?;
                named(self.code, written, name).map(|text| (*span, text))
            }
        }
    }
}

/// `name` as it is written where `written` stands.
fn named(code: Code, written: &str, name: &str) -> Option<String> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '`'));
    if let Some(quote) = quote {
        let inside = written.strip_prefix(quote)?.strip_suffix(quote)?;
        let plain = |text: &str| !text.contains([quote, '\\']) && !text.contains("${");
        return (plain(inside) && plain(name)).then(|| format!("{quote}{name}{quote}"));
    }
    // the first family is of words of the language; a bare word elsewhere is a variable that holds a name. A reserved word may stand in
    // more places than this one.
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    (code.0 < 200 && code != Code::RESERVED && word(written) && word(name)).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_quotes_and_a_variable_is_left_alone() {
        assert_eq!(named(Code::UNKNOWN_BUS, "\"plat\"", "plate").as_deref(), Some("\"plate\""));
        assert_eq!(named(Code::UNKNOWN_BUS, "`plat`", "plate").as_deref(), Some("`plate`"));
        assert_eq!(named(Code::UNKNOWN_BUS, "`pl${x}`", "plate"), None);
        assert_eq!(named(Code::UNKNOWN_BUS, "plat", "plate"), None);
        assert_eq!(named(Code::UNKNOWN_EFFECT, "compresor", "compressor").as_deref(), Some("compressor"));
        assert_eq!(named(Code::RESERVED, "throw", "throws"), None);
    }
}
