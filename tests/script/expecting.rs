//! What must hold of the sound.

use super::*;

#[test]
fn expectations_are_data() {
    let text = "sections([bar(1): \"verse\", bar(9): \"chorus\", bar(17): \"\"]);
        let vox = track(\"vox\"); let music = bus(\"music\");
        expect(vox.loudness(\"chorus\"), above: music.loudness(\"chorus\"), by: 1LU);
        expect(master.mono_loss(), below: 1.5LU);
        expect(master.peak(), below: -1dBTP);
        expect(vox.pre.sample_peak(bar(1)..bar(3)), below: -6);
        expect(vox.source.short_term_max(), equals: -14LUFS, within: 0.5dB);
        expect(mix.correlation(\"chorus 1\"), above: 0.2);
        expect(master.loudness_range(), equals: 6LU);
        expect(master.correlation(), equals: 0.5);
        expect(master.loudness(), above: mix.short_term_max(), by: -3LU);
        expect(master.peak(), below: master.sample_peak(), by: -2dB);";
    let reading = read_text(text);
    assert_eq!(told(&reading), Vec::<String>::new());
    let s = &reading.session;
    let at = |loc: Loc| &text[loc.0.start as usize..loc.0.end as usize];
    let tap = |name: &str, point| Tap { strip: s.find(name).unwrap(), point };
    let all = &s.expectations;
    assert_eq!(all.len(), 10);

    let first = &all[0];
    assert_eq!((first.relation, first.margin, at(first.loc)), (Relation::Above, 1.0, "expect"));
    assert_eq!((first.reading.tap, first.reading.of), (tap("vox", TapPoint::Post), Quantity::Loudness));
    assert_eq!(at(first.reading.loc), "loudness");
    let Some(Range::Section(chorus)) = &first.reading.part else { panic!("a section") };
    assert_eq!(chorus.name, "chorus");
    let Than::Reading(other) = &first.than else { panic!("a reading") };
    assert_eq!((other.tap, other.of), (tap("music", TapPoint::Post), Quantity::Loudness));

    let plain = |i: usize| (all[i].reading.of, all[i].relation, all[i].than.clone(), all[i].margin);
    assert_eq!(plain(1), (Quantity::MonoLoss, Relation::Below, Than::Number(1.5), 0.0));
    assert_eq!(plain(2), (Quantity::Peak, Relation::Below, Than::Number(-1.0), 0.0));
    assert_eq!(plain(3), (Quantity::SamplePeak, Relation::Below, Than::Number(-6.0), 0.0));
    assert_eq!(all[3].reading.tap, tap("vox", TapPoint::Pre));
    assert!(matches!(all[3].reading.part, Some(Range::Times(..))));
    assert_eq!(plain(4), (Quantity::ShortTermMax, Relation::Equals, Than::Number(-14.0), 0.5));
    assert_eq!(all[4].reading.tap, tap("vox", TapPoint::Source));
    assert_eq!(plain(5), (Quantity::Correlation, Relation::Above, Than::Number(0.2), 0.0));
    assert_eq!(plain(6), (Quantity::LoudnessRange, Relation::Equals, Than::Number(6.0), 0.1));
    assert_eq!(plain(7), (Quantity::Correlation, Relation::Equals, Than::Number(0.5), 0.01));
    assert_eq!((all[8].margin, all[9].margin), (-3.0, -2.0));
}

/// Every quantity is a method of strips and of taps, and compares with itself.
#[test]
fn every_quantity_can_be_read() {
    for of in Quantity::ALL {
        for tap in ["master", "track(\"t\").source", "bus(\"b\").pre", "mix.post"] {
            let s = session(&format!("expect({tap}.{}(), below: master.{0}(0s..1s));", of.name()));
            assert_eq!(s.expectations[0].reading.of, of);
        }
        let unit = of.unit().symbol();
        let s =
            session(&format!("expect(mix.{}(), above: 0.5{unit}, by: 0.25{});", of.name(), of.difference().symbol()));
        assert_eq!((&s.expectations[0].than, s.expectations[0].margin), (&Than::Number(0.5), 0.25));
    }
}

#[test]
fn a_mistake_expects_nothing() {
    let reading = read_text(
        "let vox = track(\"vox\"); expect(vox.loudness(), above: -1dBTP); expect(vox.loudness(), above: -1LUFS, by: 3Hz);
         expect(vox.loudness(), above: -20LUFS, below: -10LUFS); expect(vox.loudness(), equals: -1LUFS, by: 1LU);",
    );
    assert_eq!(told(&reading).len(), 4);
    assert_eq!(reading.session.expectations, []);
}
