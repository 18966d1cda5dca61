use super::*;
use crate::audio::Block;
use crate::audio::rng::Seed;

fn noise(seed: u64, n: usize) -> Vec<f64> {
    (0..n as i64).map(|i| Seed::new(seed).bipolar(i)).collect()
}

fn direct(x: &[f64], taps: &[f64]) -> Vec<f64> {
    let at = |i: usize| taps.iter().take(i + 1).enumerate().map(|(k, tap)| tap * x[i - k]).sum();
    (0..x.len()).map(at).collect()
}

/// `sound` through `convolver` in blocks of `size`, from song time `at` on.
fn run(
    convolver: &mut Convolver,
    at: i64,
    sound: &[Vec<f64>],
    size: usize,
    mut turn: impl FnMut(&mut Convolver),
) -> Vec<Vec<f64>> {
    let mut block = Block::new(sound.len(), size);
    let mut out = vec![Vec::new(); sound.len()];
    for from in (0..sound[0].len()).step_by(size) {
        let n = size.min(sound[0].len() - from);
        for (channel, plane) in sound.iter().enumerate() {
            block.channel_mut(channel)[..n].copy_from_slice(&plane[from..from + n]);
        }
        let (mut planes, mut done) = (block.planes(sound.len(), n), 0);
        while done < n {
            let now = at + (from + done) as i64;
            if convolver.begins(now) {
                turn(convolver);
            }
            done += convolver.exchange(now, &mut planes.slice(done, n));
        }
        out.iter_mut().enumerate().for_each(|(channel, out)| out.extend(&block.channel(channel)[..n]));
    }
    out
}

fn rms(x: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = x.fold((0.0, 0), |(sum, n), x| (sum + x * x, n + 1));
    (sum / f64::from(n)).sqrt()
}

/// Three channels through a response, and the same bits whatever the blocks are.
#[test]
fn it_is_direct_convolution_one_partition_late() {
    for (part, parts, taps) in [(32, 5, 160), (64, 3, 150), (256, 1, 256), (16, 7, 1)] {
        let sound: Vec<Vec<f64>> = (0..3).map(|channel| noise(channel, 1400)).collect();
        let taps = noise(9, taps);
        let convolver = Convolver::new(3, part, parts);
        let mut kernel = convolver.kernel();
        convolver.set(&mut kernel, &taps);
        let mut first: Option<Vec<Vec<f64>>> = None;
        for size in [1400, 1, 7, 64, 333] {
            let out = run(&mut convolver.clone(), -77, &sound, size, |c| c.turn(Way::With(&kernel)));
            for (out, plane) in out.iter().zip(&sound) {
                let expected = direct(plane, &taps);
                let early = out[..part].iter().fold(0.0, |a: f64, x| a.max(x.abs()));
                assert!(early < 1e-13, "{part}: {early:e}");
                let error = rms(out[part..].iter().zip(&expected).map(|(a, b)| a - b)) / rms(expected.iter().copied());
                assert!(error < 1e-14, "{part} × {parts}: {error:e}"); // -280 dB; -140 are asked for
            }
            let same = first.get_or_insert_with(|| out.clone());
            assert!(*same == out, "{part} × {parts}: blocks of {size}");
        }
    }
}

#[test]
fn a_straight_line_leads_from_one_response_to_another() {
    let sound = vec![noise(1, 900)];
    let mut convolver = Convolver::new(1, 64, 2);
    let responses: Vec<Vec<f64>> = (0..20).map(|i| noise(100 + i, 128)).collect();
    let kernels: Vec<Kernel> = responses
        .iter()
        .map(|taps| {
            let mut kernel = convolver.kernel();
            convolver.set(&mut kernel, taps);
            kernel
        })
        .collect();
    let mut turns = 0;
    let out = run(&mut convolver, 0, &sound, 100, |c| {
        turns += 1;
        c.turn(Way::From(&kernels[turns - 1], &kernels[turns]));
    });
    let all: Vec<Vec<f64>> = responses.iter().map(|taps| direct(&sound[0], taps)).collect();
    for (i, y) in out[0].iter().enumerate().skip(64) {
        let (turn, way) = (i / 64, (i % 64) as f64 / 64.0);
        let expected = all[turn][i - 64] * (1.0 - way) + all[turn + 1][i - 64] * way;
        assert!((y - expected).abs() < 1e-12, "{i}: {y} {expected}");
    }
}

#[test]
fn a_delay_keeps_every_bit_and_a_state_goes_on() {
    let sound = vec![noise(1, 1000), noise(2, 1000)];
    let mut convolver = Convolver::new(2, 64, 4);
    let mut kernel = convolver.kernel();
    for by in 0..4 {
        convolver.set_delay(&mut kernel, by);
        convolver.reset();
        let out = run(&mut convolver, 5, &sound, 50, |c| c.turn(Way::With(&kernel)));
        let late = 64 * (by + 1);
        for (out, plane) in out.iter().zip(&sound) {
            assert!(out[..late].iter().all(|x| *x == 0.0) && out[late..] == plane[..1000 - late], "{by}");
        }
        let by_transform = run(&mut convolver.clone(), 1005, &sound, 50, |c| c.turn(Way::From(&kernel, &kernel)));
        let by_copy = run(&mut convolver, 1005, &sound, 50, |c| c.turn(Way::With(&kernel)));
        let worst = by_transform.iter().flatten().zip(by_copy.iter().flatten()).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f64::max) < 1e-14);
    }
    convolver.set(&mut kernel, &noise(3, 256));
    convolver.reset();
    run(&mut convolver, 0, &sound, 1000, |c| c.turn(Way::With(&kernel)));
    let mut writer = StateWriter::new();
    convolver.save(&mut writer);
    let state = writer.into_bytes();
    let mut other = Convolver::new(2, 64, 4);
    let mut reader = StateReader::new(&state);
    other.load(&mut reader).unwrap();
    reader.end().unwrap();
    let goes_on = |c: &mut Convolver| run(c, 1000, &sound, 123, |c| c.turn(Way::With(&kernel)));
    assert!(goes_on(&mut convolver) == goes_on(&mut other));
}

#[test]
fn silence_and_likeness_are_exact() {
    let (loud, silent) = (noise(1, 600), vec![0.0; 600]);
    let mut convolver = Convolver::new(2, 64, 2);
    let mut kernel = convolver.kernel();
    convolver.set(&mut kernel, &noise(3, 128));
    let run = |c: &mut Convolver, l: &[f64], r: &[f64]| {
        run(c, 0, &[l.to_vec(), r.to_vec()], 600, |c| c.turn(Way::With(&kernel)))
    };
    let out = run(&mut convolver, &loud, &silent);
    assert!(out[1].iter().all(|x| *x == 0.0), "silent beside a loud one");
    let out = run(&mut convolver.clone(), &silent, &silent);
    let end = 600usize.next_multiple_of(64) - 600 + 64 + 128;
    assert!(out.iter().all(|plane| plane[end..].iter().all(|x| *x == 0.0)), "exactly silent after the tail");
    convolver.reset();
    assert!(convolver.at_rest());
    let out = run(&mut convolver, &loud, &loud);
    assert!(out[0] == out[1] && !convolver.at_rest(), "alike");
    run(&mut convolver, &silent, &silent);
    assert!(convolver.at_rest(), "and at rest");
}
