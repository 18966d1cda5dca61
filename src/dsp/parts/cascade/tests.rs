use super::*;
use crate::audio::Block;
use crate::audio::rng::Seed;

fn section(k: usize) -> Section {
    let r = 0.9 - 0.1 * (k % 5) as f64;
    let t = 0.3 + 0.2 * k as f64;
    Section { c1: 0.3 - 0.1 * k as f64, c2: -0.2, a1: -2.0 * r * math::cos(t), a2: r * r, gain: 1.1 }
}

/// Noise, then silence until every state has decayed, then noise again; in blocks of `block` from song time `at` on. A row per channel.
fn play(isa: Level, count: usize, channels: usize, at: i64, block: usize) -> (Vec<Vec<u64>>, Vec<Pair>) {
    let sections: Vec<Section> = (0..count).map(section).collect();
    let mut cascade = Cascade { isa, ..Cascade::new(sections, channels) };
    let (mut out, mut rested) = (vec![Vec::new(); channels], false);
    let total = 7000;
    let mut planes = Block::new(channels, block);
    let mut done = 0;
    while done < total {
        let n = block.min(total - done);
        let mut audio = planes.planes(channels, n);
        for channel in 0..channels {
            for (i, x) in audio.channel_mut(channel).iter_mut().enumerate() {
                let frame = done + i;
                let sounds = !(1000..6500).contains(&frame);
                *x = if sounds { Seed::new(channel as u64).bipolar(frame as i64) } else { 0.0 };
            }
        }
        cascade.process(at + done as i64, &mut audio);
        (0..channels).for_each(|c| out[c].extend(audio.channel(c).iter().map(|x| x.to_bits())));
        rested |= cascade.is_at_rest();
        done += n;
    }
    assert!(rested, "{count} sections never came to rest");
    (out, cascade.states)
}

#[test]
fn every_level_and_block_gives_the_same_bits() {
    for (count, channels, at) in [
        (1, 1, 0),
        (2, 2, 7),
        (3, 3, 31),
        (4, 2, 30),
        (4, 1, -5),
        (5, 2, 1),
        (6, 2, 28),
        (6, 1, 3),
        (7, 2, 6),
        (8, 2, 0),
        (11, 4, 3),
    ] {
        let plain = play(Level::all()[0], count, channels, at, 512);
        for level in Level::all() {
            for block in [512, 1, 3, 33, 100] {
                let same = play(level, count, channels, at, block) == plain;
                assert!(same, "{level:?}: {count} sections, {channels} channels, in blocks of {block}");
            }
        }
    }
}

#[test]
fn short_blocks_give_the_same_bits() {
    for channels in [1, 2] {
        let plain = play(Level::all()[0], 4, channels, 5, 512);
        for level in Level::all() {
            for block in [1, 2, 3, 5, 6, 7, 31, 64] {
                let same = play(level, 4, channels, 5, block) == plain;
                assert!(same, "{level:?}: {channels} channels in blocks of {block}");
            }
        }
    }
}

#[test]
fn two_side_by_side_are_each_alone() {
    const FRAMES: usize = 203;
    let noise = |seed: u64| -> Vec<f64> { (0..FRAMES).map(|i| Seed::new(seed).bipolar(i as i64)).collect() };
    let counts = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (4, 3), (2, 6), (3, 1)];
    for ((first, second), (channels, place)) in
        counts.into_iter().flat_map(|counts| [(1, 5), (2, 0), (2, 27), (3, 0)].map(|rest| (counts, rest)))
    {
        let of_a: Vec<Section> = (0..first).map(section).collect();
        let of_b: Vec<Section> = (2..2 + second).map(section).collect();
        let play = |level: Level, beside: bool| {
            let mut states = [vec![Pair::default(); 2 * first], vec![Pair::default(); 2 * second]];
            let mut blocks = [Block::new(channels, FRAMES), Block::new(channels, FRAMES)];
            let (mut once, mut bits) = (false, Vec::new());
            for round in 0..3 {
                for (k, block) in blocks.iter_mut().enumerate() {
                    for channel in 0..channels {
                        // in the end what is left of it alone
                        let sound = noise((10 * round + 2 * channel + k) as u64);
                        let sound = if round < 2 { sound } else { vec![0.0; FRAMES] };
                        block.channel_mut(channel).copy_from_slice(&sound);
                    }
                }
                let [a, b] = &mut blocks;
                let (mut x, mut y) = (a.planes(channels, FRAMES), b.planes(channels, FRAMES));
                let [p, q] = &mut states;
                let lent = |of: &[Section], states: &[Pair]| Standing::new(of.iter().zip(states)).unwrap();
                let (mut a, mut b) = (lent(&of_a, p), lent(&of_b, q));
                if beside && run_both(level, [&mut a, &mut b], place, [&mut x, &mut y]) {
                    once = true;
                    p[..first].copy_from_slice(&a.states[..first]);
                    q[..second].copy_from_slice(&b.states[..second]);
                } else {
                    run(level, &of_a, p, first, place, &mut x);
                    run(level, &of_b, q, second, place, &mut y);
                }
                bits.extend(
                    blocks.iter().flat_map(|b| (0..channels).flat_map(|c| b.channel(c).to_vec())).map(f64::to_bits),
                );
            }
            (once, bits, states)
        };
        let (_, sound, states) = play(Level::all()[0], false);
        for level in Level::all() {
            let (beside, both, and) = play(level, true);
            assert_eq!(beside, channels < 3);
            assert!(both == sound && and == states, "{level:?}: {first} and {second} sections, {channels} channels");
        }
    }
}
