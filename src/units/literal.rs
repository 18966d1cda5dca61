/// How many bytes of `text`, which begins with a digit, are a number, and how many right after it are its unit, or should be one.
///
/// `20%` is a number with a unit where nothing follows that it could be divided by: before `, ) ] } ; :`, an operator, a comment or the end.
/// Elsewhere `%` is modulo.
pub fn literal(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let digits = |mut i: usize| {
        while digit(i) || bytes.get(i) == Some(&b'_') {
            i += 1;
        }
        i
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digit(end + 1 + sign) {
            end = digits(end + 1 + sign);
        }
    }
    let rest = &text[end..];
    let run = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let percent = run == 0 && rest.strip_prefix('%').is_some_and(no_operand);
    (end, if percent { 1 } else { run })
}

/// Whether what follows a `%` that touches its number is nothing that could be divided by: `20%)`, `20% + 5%`. In `20%-3` it is.
fn no_operand(after: &str) -> bool {
    let next = after.trim_start();
    let ends = next.is_empty() || next.starts_with([',', ')', ']', '}', ';', ':']) || next.starts_with("//");
    let operator = next.starts_with(['*', '<', '>', '=', '&', '|', '?'])
        || ["!=", ".."].iter().any(|op| next.starts_with(op))
        || next.starts_with('/') && !next.starts_with("/*");
    let apart =
        |c: char| after.starts_with(char::is_whitespace) && next[c.len_utf8()..].starts_with(char::is_whitespace);
    let sum = next.chars().next().is_some_and(|c| matches!(c, '+' | '-') && apart(c));
    ends || operator || sum
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_number_ends_where_its_unit_does() {
        let parts = |text: &'static str| {
            let (number, unit) = literal(text);
            (&text[..number], &text[number..number + unit])
        };
        assert_eq!(parts("3dB)"), ("3", "dB"));
        assert_eq!(parts("1.5e-3ms"), ("1.5e-3", "ms"));
        assert_eq!(parts("1..2"), ("1", ""));
        assert_eq!(parts("5.dB"), ("5", ""));
        assert_eq!(parts("0xff + 1"), ("0", "xff"));
        assert_eq!(parts("1_000samples"), ("1_000", "samples"));
        assert_eq!(parts("1d_ 2"), ("1", "d_"));
        for unit in ["20%", "20%)", "20% \n ;", "20%  // and on", "20% + 3", "20% - 3", "20%*2", "20% == x"] {
            assert_eq!(parts(unit), ("20", "%"), "{unit}");
        }
        for modulo in ["20 % 3", "20%3", "20% -3", "20% /* and on */"] {
            assert_eq!(parts(modulo), ("20", ""), "{modulo}");
        }
    }
}
