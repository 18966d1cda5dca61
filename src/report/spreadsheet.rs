//! Measurements as comma-separated values (RFC 4180): the fields, names and digits are those of the JSON.

use std::fmt;

use csv::{Terminator, WriterBuilder};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json;
use crate::analysis::Measurement;

/// What every object has, and no row.
const HEAD: [&str; 2] = ["reason", "schema"];

/// The first row: the names of the fields.
pub fn head() -> String {
    row(fields("", &Measurement::default()).into_iter().map(|(name, _)| name))
}

/// The row of a file. What does not exist is empty; the values of several channels stand in one field with `;` between them.
pub fn measured(file: &str, measurement: &Measurement) -> String {
    row(fields(file, measurement).into_iter().map(|(_, value)| value))
}

fn row(fields: impl Iterator<Item = String>) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // memory takes what it is given
    let _ = writer.write_record(fields.map(String::into_bytes));
    writer.into_inner().map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Names and values, in the order of the JSON.
fn fields(file: &str, measurement: &Measurement) -> Vec<(String, String)> {
    let text = serde_json::to_string(&json::measurement(file, measurement)).unwrap_or_default();
    let Fields(fields) = serde_json::from_str(&text).unwrap_or_default();
    let plain = |(name, value): (String, Box<RawValue>)| (name, plain(value.get()));
    fields.into_iter().filter(|(name, _)| !HEAD.contains(&name.as_str())).map(plain).collect()
}

fn plain(value: &str) -> String {
    if value == "null" {
        return String::new();
    }
    if let Some(list) = value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        return list.replace(',', ";");
    }
    // a text without its quotes, a number as it stands
    serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_string())
}

/// An object's fields in their order, the values as they were written.
#[derive(Default)]
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_names_and_digits_of_the_json() {
        let m = Measurement {
            format: "wav".to_string(),
            seconds: 200.0,
            integrated_lufs: Some(-14.023456789012345),
            dc_offset: vec![0.0, -1.5e-7],
            ..Measurement::default()
        };
        assert_eq!(
            head(),
            "file,format,codec,sample_rate,channels,frames,seconds,integrated_lufs,momentary_max_lufs,short_term_max_lufs,\
             loudness_range_lu,true_peak_dbtp,sample_peak_dbfs,plr_lu,correlation,mono_loss_lu,dc_offset,blake3\r\n"
        );
        assert_eq!(
            measured("a, \"b\"\n.wav", &m),
            "\"a, \"\"b\"\"\n.wav\",wav,,0,0,0,200.0,-14.023456789012345,,,,,,,,,0.0;-1.5e-7,\r\n"
        );
    }
}
