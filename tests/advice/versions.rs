use super::told;

#[test]
fn a_version_that_no_delivery_names_is_told() {
    let session = |deliver: &str| {
        told(&format!(
            "let vox = track(\"vox\", \"vox.wav\");\ntrack(\"pad\", \"pad.wav\");\nversion(\"tv\").mute(vox);\n{deliver}"
        ))
    };
    let line = "MX0710 [3 \"tv\": no delivery names it] the version \"tv\" goes into no file / \
                deliver it: `deliver(master, \"{song}-{version}.wav\", versions: \"all\");`";
    assert_eq!(session(""), [line]);
    assert_eq!(session("deliver(mix, \"a.wav\");"), [line]);
    assert_eq!(session("deliver(mix, \"{version}.wav\", versions: [\"main\"]);"), [line]);
    assert!(session("deliver(mix, \"{version}.wav\", versions: \"all\");").is_empty());
    assert!(session("deliver(mix, \"{version}.wav\", versions: [\"tv\"]);").is_empty());
}
