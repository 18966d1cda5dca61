use comfy_table::{CellAlignment, Table, presets};

/// A table without rules: names to the left, numbers to the right.
pub(super) struct Rows {
    table: Table,
}

impl Rows {
    /// `<` aligns a column left, `>` right: one sign per column.
    pub(super) fn new(alignment: &str, head: &[&str]) -> Rows {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if !head.is_empty() {
            table.set_header(head.iter().copied());
        } else {
            // columns exist from the first row on: an empty one is taken out again by `text`
            table.add_row(vec![""; alignment.len()]);
        }
        for (column, sign) in table.column_iter_mut().zip(alignment.chars()) {
            column.set_padding((0, 2));
            column.set_cell_alignment(if sign == '>' { CellAlignment::Right } else { CellAlignment::Left });
        }
        Rows { table }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.table.add_row(cells);
    }

    /// The lines, without blanks at their ends, each after `indent`.
    pub(super) fn text(&self, indent: &str) -> String {
        let lines = self.table.lines().map(|l| format!("{indent}{}", l.trim_end()));
        lines.filter(|l| !l.trim().is_empty()).map(|l| l.trim_end().to_string() + "\n").collect()
    }
}

/// A length or a time: `3:24.400`, `1:02:03.000`; with `thousandths` off, `3:24`.
pub(super) fn clock(seconds: f64, thousandths: bool) -> String {
    if !seconds.is_finite() {
        return "-".to_string();
    }
    let parts = if thousandths { 1000.0 } else { 1.0 };
    let total = (seconds.max(0.0) * parts).round();
    let whole = (total / parts).floor() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    let head = if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") };
    if thousandths { format!("{head}.{:03}", (total as u64) % 1000) } else { head }
}

/// A measured value with two decimals, `-` where there is none; never `-0.00`.
pub(super) fn value(x: Option<f64>) -> String {
    match x {
        Some(x) if x.is_finite() => {
            let text = format!("{x:.2}");
            if text == "-0.00" { "0.00".to_string() } else { text }
        }
        _ => "-".to_string(),
    }
}

/// A number as people write it: `2`, `0.707`, `-inf` as `off`.
pub(super) fn plain(x: f64) -> String {
    if x == f64::NEG_INFINITY { "off".to_string() } else { format!("{}", x + 0.0) }
}

/// Words filled into lines of at most `width` columns, each after `indent`.
pub(super) fn fill(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let would_be = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && would_be > width {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() { lines } else { lines + indent + line.as_str() + "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_over() {
        assert_eq!(clock(204.4, true), "3:24.400");
        assert_eq!(clock(59.9996, true), "1:00.000");
        assert_eq!(clock(3723.0, true), "1:02:03.000");
        assert_eq!(clock(204.5, false), "3:25");
        assert_eq!(clock(0.0, true), "0:00.000");
    }

    #[test]
    fn values_that_do_not_exist_are_dashes() {
        assert_eq!(value(None), "-");
        assert_eq!(value(Some(f64::NEG_INFINITY)), "-");
        assert_eq!(value(Some(-0.001)), "0.00");
        assert_eq!(value(Some(-14.016)), "-14.02");
        assert_eq!(plain(f64::NEG_INFINITY), "off");
        assert_eq!(plain(-0.0), "0");
    }

    #[test]
    fn tables_align_by_width_on_screen() {
        let mut rows = Rows::new("<>", &["file", "LUFS"]);
        rows.row(vec!["ö.wav".to_string(), "-14.02".to_string()]);
        rows.row(vec!["longer.wav".to_string(), "-9.00".to_string()]);
        assert_eq!(rows.text(""), "file          LUFS\nö.wav       -14.02\nlonger.wav   -9.00\n");
        let mut bare = Rows::new("<>", &[]);
        bare.row(vec!["a".to_string(), "1".to_string()]);
        assert_eq!(bare.text("  "), "  a  1\n");
    }

    #[test]
    fn words_fill_lines() {
        assert_eq!(fill("one two three", "  ", 9), "  one two\n  three\n");
        assert_eq!(fill("", "  ", 9), "");
    }
}
