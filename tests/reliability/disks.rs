//! Disks that are full, small, limited or only for reading.

use std::fs;

use crate::place::{Files, Place, Ran, finish, skip};

/// Runs a shell script in a name space of mounts that ends with it; `None` where that is not allowed.
fn mounted(place: &Place, script: &str) -> Option<Ran> {
    let tried = place.program("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status();
    if !tried.is_ok_and(|status| status.success()) {
        return None;
    }
    let script = script.replace("MIXDOWN", env!("CARGO_BIN_EXE_mixdown"));
    Some(finish(place.program("unshare").args(["-m", "sh", "-c", &script])))
}

/// A place with the old files of song 0 in `out`, and those of song 1, which it has now.
fn old_and_new() -> (Place, Files, Files) {
    let place = Place::new();
    let old = place.reference();
    place.put("out", &old);
    place.song(1);
    let new = place.reference();
    (place, old, new)
}

#[test]
fn a_disk_that_is_too_small_keeps_what_it_had() {
    let (place, old, new) = old_and_new();
    let bytes = |files: &Files| files.values().map(Vec::len).sum::<usize>() >> 10;
    let mut full = 0;
    // with nothing left at all, with room for one file or some, and for all of them
    for more in [0, 60, 200, 400, 700, 4 * bytes(&new)] {
        // what a folder takes of a tmpfs is a page a file and a folder
        let size = bytes(&old) + 4 * 20 + more;
        let script = format!(
            "mkdir disk result; mount -t tmpfs -o size={size}k none disk && cp -r out disk && \
             MIXDOWN render song.mix -q -o disk/out; code=$?; cp -r disk/out result; exit $code"
        );
        let Some(ran) = mounted(&place, &script) else { return skip("a disk cannot be mounted here") };
        place.put("out", &place.files("result/out"));
        fs::remove_dir_all(place.at("result")).unwrap();
        fs::remove_dir(place.at("disk")).unwrap();
        let when = format!("with {more} KiB more");
        match ran.code {
            Some(0) => place.is(&new, "out", &when),
            Some(2) => {
                full += 1;
                assert!(ran.told.contains("MX0508") && ran.told.contains("`disk/out/"), "{when}: {}", ran.told);
                assert!(
                    ran.told.contains("the disk is full") && ran.told.contains("make room"),
                    "{when}: {}",
                    ran.told
                );
                place.whole(&[&old, &new], false, &when);
            }
            code => panic!("{when}: {code:?} {}", ran.told),
        }
        place.put("out", &old);
    }
    assert!((3..6).contains(&full), "{full} disks of 6 were too small");
    place.recovers(&new, "and with room");
}

#[test]
fn a_full_cache_disk_is_no_mistake() {
    let (place, _, new) = old_and_new();
    for size in ["4k", "64k", "256k"] {
        let script = format!(
            "mkdir -p cache && mount -t tmpfs -o size={size} none cache && MIXDOWN render song.mix -q && \
             MIXDOWN render song.mix -q && find cache -name '*mixdown-part'"
        );
        let Some(ran) = mounted(&place, &script) else { return skip("a disk cannot be mounted here") };
        assert_eq!((ran.code, ran.told.as_str()), (Some(0), ""), "{size}");
        place.is(&new, "out", size);
    }
}

#[test]
fn a_disk_that_cannot_be_written_is_told_of_before_anything_is_rendered() {
    let (place, old, _) = old_and_new();
    let script = "mount --bind out out && mount -o remount,ro,bind out && \
                  MIXDOWN render song.mix --message-format json";
    let Some(ran) = mounted(&place, script) else { return skip("a disk cannot be mounted here") };
    assert_eq!(ran.code, Some(2), "{}", ran.told);
    assert!(ran.told.contains("MX0508") && ran.told.contains("-o DIR"), "{}", ran.told);
    assert!(!ran.told.contains("\"progress\""), "{}", ran.told);
    assert_eq!(ran.told.matches("\"diagnostic\"").count(), 1, "one disk is told of once: {}", ran.told);
    place.is(&old, "out", "on a disk for reading");
    // what is there and unchanged needs no writing
    place.render(&["-o", "out"]);
    let ran = mounted(&place, script).unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.told);
}

/// The largest file a process may write is a limit that many servers set; the system kills who goes beyond it and does not listen.
#[test]
fn a_limit_of_file_sizes_is_told_of() {
    let (place, old, new) = old_and_new();
    let mut refused = 0;
    // in units of 512 or 1024 bytes, as the shell has it
    for limit in [0, 8, 64, 150, 1_000_000] {
        let script = format!("ulimit -f {limit}; exec \"$0\" render song.mix -q");
        let ran = finish(place.program("sh").args(["-c", &script, env!("CARGO_BIN_EXE_mixdown")]));
        let when = format!("at most {limit} blocks a file");
        match ran.code {
            Some(0) => place.is(&new, "out", &when),
            Some(2) => {
                refused += 1;
                assert!(ran.told.contains("MX0508") && ran.told.contains("`out/"), "{when}: {}", ran.told);
                assert!(ran.told.contains("ulimit -f"), "{when}: {}", ran.told);
                place.whole(&[&old, &new], false, &when);
            }
            code => panic!("{when}: {code:?}, signal {:?}: {}", ran.signal, ran.told),
        }
    }
    assert!((3..5).contains(&refused), "{refused} limits of 5 were too small");
    place.recovers(&new, "and without a limit");
}

#[test]
fn a_cache_that_cannot_be_is_none() {
    let (place, _, new) = old_and_new();
    fs::write(place.at("file"), "kept").unwrap();
    for cache in ["file", "file/below", "/proc/nowhere", "/dev/null"] {
        place.render(&["--cache-dir", cache]);
        place.is(&new, "out", cache);
    }
    assert_eq!(fs::read_to_string(place.at("file")).unwrap(), "kept");
    // and nobody to ask where it should be
    let mut command = place.mixdown(&["render", "song.mix", "-q", "-o", "homeless"]);
    let ran = finish(command.env_remove("MIXDOWN_CACHE_DIR").env_remove("HOME").env_remove("XDG_CACHE_HOME"));
    assert_eq!((ran.code, ran.told.as_str()), (Some(0), ""));
    place.is(&new, "homeless", "without a home");
}

#[test]
fn nothing_is_written_where_temporary_files_go() {
    let (place, _, new) = old_and_new();
    for folder in ["/nonexistent", "/proc", "/dev/null"] {
        let ran = finish(place.mixdown(&["render", "song.mix", "-q", "--no-cache"]).env("TMPDIR", folder));
        assert_eq!((ran.code, ran.told.as_str()), (Some(0), ""), "{folder}");
        place.is(&new, "out", folder);
    }
}

#[test]
fn results_that_nobody_can_have_are_told_of() {
    let place = Place::new();
    for args in [&["measure", "a.wav", "--csv"][..], &["measure", "a.wav", "b.wav"], &["render", "song.mix"]] {
        let full = match fs::File::options().write(true).open("/dev/full") {
            Ok(full) => full,
            Err(error) => return skip(&format!("/dev/full: {error}")),
        };
        let output = place.mixdown(args).stdout(full).stderr(std::process::Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && told.contains("could not be written"), "{args:?}: {told}");
    }
}
