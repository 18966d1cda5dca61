use super::{Analogue, power};
use crate::audio::math;
use crate::dsp::parts::biquad::Prototype;

/// Which of n₁, n₂, d₁, d₂ are fitted; the others stay where they begin.
pub(super) type Free = [bool; 4];

/// Steps of the fit: what it takes to come within the promise from the worst corner (a wide bell near Nyquist).
const STEPS: usize = 12;
/// A step this short, in nepers, is the last.
const SETTLED: f64 = 1e-5;
/// Of the first [`CAREFUL`] steps; the others have a tenth of it.
const DAMPING: f64 = 1e-2;
const CAREFUL: usize = 5;

/// The fixed part of the grid: parts of the Nyquist frequency, tan² of half the angle.
const GRID: [(f64, f64); 12] = [
    (0.03, 0.0022239526888370603),
    (0.08, 0.01595911185858002),
    (0.16, 0.06592382858928199),
    (0.25, 0.1715728752538099),
    (0.34, 0.3497520100380124),
    (0.42, 0.6016787038621666),
    (0.50, 1.0),
    (0.58, 1.6620166104949603),
    (0.66, 2.859168700392363),
    (0.74, 5.340090826834766),
    (0.82, 11.847519418300587),
    (0.88, 27.480488698092543),
];
/// The moving part: places across the resonance of a corner, in its half bandwidths.
const ACROSS: [f64; 5] = [-1.5, -0.5, 0.0, 0.5, 1.5];
const POINTS: usize = GRID.len() + 2 * ACROSS.len();

/// How much a part `u` of the Nyquist frequency matters: full below 10 kHz at 48 kHz, less to 20 kHz, hardly above.
fn weight(u: f64) -> f64 {
    const BENDS: [(f64, f64); 6] = [(0.0, 1.0), (0.43, 1.0), (0.55, 0.3), (0.83, 0.2), (0.9, 0.03), (1.0, 0.02)];
    let Some(i) = BENDS.iter().position(|(at, _)| u < *at) else { return 0.02 };
    let ((u0, w0), (u1, w1)) = (BENDS[i.max(1) - 1], BENDS[i.max(1)]);
    w0 + (w1 - w0) * (u - u0) / (u1 - u0)
}

/// Fits `start` to the analogue magnitude. `corners` are polynomials whose resonances the grid must follow.
pub(super) fn fit(
    analogue: &Analogue,
    w0: f64,
    start: Prototype,
    free: Free,
    corners: [Option<&[f64; 3]>; 2],
) -> Prototype {
    let nyquist = std::f64::consts::PI / w0;
    let mut grid = Points { x: [1.0; POINTS], inverse: [1.0; POINTS], weight: [0.0; POINTS] };
    let mut points = 0;
    let mut add = |u: f64, x: f64, weight: f64| {
        let v = u * nyquist;
        grid.x[points] = x;
        grid.inverse[points] = 1.0 / power(analogue, v * v);
        grid.weight[points] = weight;
        points += 1;
    };
    for (u, x) in GRID {
        add(u, x, weight(u));
    }
    let zero = analogue.n[1] == 0.0 && analogue.n[0] != 0.0 && analogue.n[2] != 0.0;
    for p in corners.into_iter().flatten() {
        let corner = (p[0] / p[2]).sqrt() / nyquist;
        let q = ((p[0] * p[2]).sqrt() / p[1]).max(0.35);
        for place in ACROSS {
            let half = place / (2.0 * q);
            let u = corner * (half + (1.0 + half * half).sqrt());
            // those that leave the band lose their weight before
            let inside = ((0.95 - u) / 0.05).clamp(0.0, 1.0);
            if inside > 0.0 && !(zero && place == 0.0) {
                let t = math::tan(u * std::f64::consts::FRAC_PI_2);
                add(u, t * t, weight(u) * inside);
            }
        }
    }
    let mut p = start;
    for i in 0..STEPS {
        let damping = if i < CAREFUL { DAMPING } else { 0.1 * DAMPING };
        if step(&mut p, &grid, free, damping) < SETTLED {
            break;
        }
    }
    p
}

/// Where the fit looks; those not used weigh nothing.
struct Points {
    /// tan² of half the angle.
    x: [f64; POINTS],
    /// 1 / power of the analogue filter.
    inverse: [f64; POINTS],
    weight: [f64; POINTS],
}

/// One damped Gauss-Newton step in the logarithms of the free coefficients; how long it was. Plain loops over the points, so that they vectorise.
fn step(p: &mut Prototype, grid: &Points, free: Free, damping: f64) -> f64 {
    // the errors and their slopes along ln n₁, ln n₂, ln d₁, ln d₂
    let mut error = [0.0; POINTS];
    let mut j = [[0.0; POINTS]; 4];
    let (n, d) = (p.n, p.d);
    for i in 0..POINTS {
        let x = grid.x[i];
        let (real_n, real_d) = (n[0] - n[2] * x, d[0] - d[2] * x);
        let (imaginary_n, imaginary_d) = (n[1] * n[1] * x, d[1] * d[1] * x);
        let over_n = 2.0 / (real_n * real_n + imaginary_n);
        let over_d = 2.0 / (real_d * real_d + imaginary_d);
        j[0][i] = imaginary_n * over_n;
        j[1][i] = -(n[2] * x * real_n) * over_n;
        j[2][i] = -imaginary_d * over_d;
        j[3][i] = d[2] * x * real_d * over_d;
        // over_d / over_n is the power; both being equal must give exactly 1
        let ratio = (over_d * grid.inverse[i]) / over_n;
        error[i] = std::f64::consts::LN_2 * math::log2(ratio);
    }
    let (mut h, mut g) = ([[0.0; 4]; 4], [0.0; 4]);
    for row in 0..4 {
        let mut weighted = [0.0; POINTS];
        for i in 0..POINTS {
            weighted[i] = grid.weight[i] * j[row][i];
        }
        g[row] = dot(&weighted, &error);
        for column in 0..=row {
            h[row][column] = dot(&weighted, &j[column]);
        }
    }
    for i in 0..4 {
        if !free[i] {
            g[i] = 0.0;
            h[i] = [0.0; 4];
            (i..4).for_each(|row| h[row][i] = 0.0);
            h[i][i] = 1.0;
        }
        h[i][i] = h[i][i] * (1.0 + damping) + 0.1 * damping;
    }
    let by = solve(&mut h, g).map(|x| (-x).clamp(-0.5, 0.5));
    let factor = |x: f64| math::exp2(std::f64::consts::LOG2_E * x);
    p.n[1] *= factor(by[0]);
    p.n[2] *= factor(by[1]);
    p.d[1] *= factor(by[2]);
    p.d[2] *= factor(by[3]);
    by.iter().fold(0.0, |longest, x| x.abs().max(longest))
}

/// In two lanes: the order of the sums is written, so it is the same everywhere.
fn dot(a: &[f64; POINTS], b: &[f64; POINTS]) -> f64 {
    let mut sums = [0.0; 2];
    for (a, b) in a.chunks_exact(2).zip(b.chunks_exact(2)) {
        for lane in 0..2 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums[0] + sums[1]
}

/// Solves h x = g for a positive definite h of which the lower half is given: Cholesky's LDLᵀ.
fn solve(h: &mut [[f64; 4]; 4], g: [f64; 4]) -> [f64; 4] {
    let mut x = g;
    let mut over = [0.0; 4];
    for i in 0..4 {
        for k in 0..i {
            let l = h[i][k] * over[k];
            for j in i..4 {
                h[j][i] -= l * h[j][k];
            }
            x[i] -= l * x[k];
        }
        over[i] = 1.0 / h[i][i];
    }
    for i in (0..4).rev() {
        for k in i + 1..4 {
            x[i] -= h[k][i] * x[k];
        }
        x[i] *= over[i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_tangents() {
        for (u, x) in GRID {
            let t = math::tan(u * std::f64::consts::FRAC_PI_2);
            assert!((t * t / x - 1.0).abs() < 1e-13, "{u}");
        }
    }
}
