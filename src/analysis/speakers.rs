//! Where loudspeakers stand, and how much each counts in loudness.

/// What every loudspeaker but those beside the listener counts.
const FRONT: f64 = 1.0;
/// What loudspeakers beside the listener count: 1.5 dB more (BS.1770-5, Annex 1 table 3 and Annex 3).
const SIDE: f64 = 1.41;

/// Azimuth, to either side from the front, and elevation in degrees; `None` for a subwoofer, which isn't measured.
type Place = Option<(f64, f64)>;

/// The loudspeakers of a WAV's channel mask (WAVEFORMATEXTENSIBLE) from its lowest bit on, on BS.2051's places.
const PLACES: [Place; 18] = [
    Some((30.0, 0.0)),   // front left
    Some((30.0, 0.0)),   // front right
    Some((0.0, 0.0)),    // front centre
    None,                // low frequency
    Some((135.0, 0.0)),  // back left
    Some((135.0, 0.0)),  // back right
    Some((15.0, 0.0)),   // front left of centre
    Some((15.0, 0.0)),   // front right of centre
    Some((180.0, 0.0)),  // back centre
    Some((90.0, 0.0)),   // side left
    Some((90.0, 0.0)),   // side right
    Some((0.0, 90.0)),   // top centre
    Some((45.0, 30.0)),  // top front left
    Some((0.0, 30.0)),   // top front centre
    Some((45.0, 30.0)),  // top front right
    Some((135.0, 30.0)), // top back left
    Some((180.0, 30.0)), // top back centre
    Some((135.0, 30.0)), // top back right
];

const BACKS: u32 = 0x30;
const SIDES: u32 = 0x600;

/// What each of `channels` channels counts, 0 for a subwoofer: by a WAV's channel mask if there is one that names as many, else as usual; six
/// are L R C LFE Ls Rs. Channels that no bit names count 1. A mono file counts 2 when it is read as it plays on two loudspeakers.
pub(super) fn weights(channels: usize, mask: Option<u32>, dual_mono: bool) -> Vec<f64> {
    if channels == 1 {
        return vec![if dual_mono { 2.0 } else { FRONT }];
    }
    let usual = match channels {
        2 => 0x3,
        3 => 0x7,
        4 => 0x33,
        5 => 0x37,
        6 => 0x3F,
        7 => 0x70F,
        8 => 0x63F,
        _ => 0,
    };
    let mask = mask.filter(|mask| mask.count_ones() as usize == channels).unwrap_or(usual);
    // without side loudspeakers the back ones are the surrounds of BS.775, at 110 degrees
    let surrounds = if mask & SIDES == 0 { mask & BACKS } else { 0 };
    let mut weights: Vec<f64> = (0..32)
        .filter(|bit| mask >> bit & 1 == 1)
        .map(|bit| match PLACES.get(bit) {
            _ if surrounds >> bit & 1 == 1 => weight(110.0, 0.0),
            Some(None) => 0.0,
            Some(Some((azimuth, elevation))) => weight(*azimuth, *elevation),
            None => FRONT,
        })
        .collect();
    weights.resize(channels, FRONT);
    weights
}

/// BS.1770-5, Annex 3: what is at the height of the ears and 60 to 120 degrees to the side counts more.
fn weight(azimuth: f64, elevation: f64) -> f64 {
    if elevation.abs() < 30.0 && (60.0..=120.0).contains(&azimuth.abs()) { SIDE } else { FRONT }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The positions of BS.1770-5, Annex 3.
    #[test]
    fn only_what_is_beside_the_listener_counts_more() {
        for azimuth in [60.0, 90.0, 110.0, 120.0, -60.0, -110.0] {
            assert_eq!((weight(azimuth, 0.0), weight(azimuth, 29.0), weight(azimuth, 30.0)), (1.41, 1.41, 1.0));
        }
        for (azimuth, elevation) in [(0.0, 0.0), (30.0, 0.0), (59.0, 0.0), (121.0, 0.0), (135.0, 0.0), (110.0, 45.0)] {
            assert_eq!(weight(azimuth, elevation), 1.0);
        }
    }

    #[test]
    fn layouts_by_number_and_by_mask() {
        const S: f64 = 1.41;
        let of = |channels, mask| weights(channels, mask, false);
        assert_eq!(of(1, None), [1.0]);
        assert_eq!(weights(1, Some(0x4), true), [2.0]);
        assert_eq!(of(2, None), [1.0, 1.0]);
        assert_eq!(of(4, None), [1.0, 1.0, S, S]);
        assert_eq!(of(5, None), [1.0, 1.0, 1.0, S, S]);
        assert_eq!(of(6, None), [1.0, 1.0, 1.0, 0.0, S, S]);
        // 5.1 with its surrounds called sides
        assert_eq!(of(6, Some(0x60F)), [1.0, 1.0, 1.0, 0.0, S, S]);
        // a back centre, and no subwoofer
        assert_eq!(of(6, Some(0x137)), [1.0, 1.0, 1.0, S, S, 1.0]);
        // a mask that names another number of channels says nothing
        assert_eq!(of(6, Some(0x3)), of(6, None));
        assert_eq!(of(7, None), [1.0, 1.0, 1.0, 0.0, 1.0, S, S]);
        assert_eq!(of(8, None), [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, S, S]);
        // 7.1.4: the sides alone
        assert_eq!(of(12, Some(0x2D63F)), [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, S, S, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(of(2, Some(0x8)), [1.0, 1.0]);
        assert_eq!(of(9, None), [1.0; 9]);
        assert_eq!(of(2, Some(0x8000_0001)), [1.0, 1.0]);
    }
}
