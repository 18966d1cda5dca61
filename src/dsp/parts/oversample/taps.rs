//! The half-band filters' coefficients beside the middle one, from the middle out: of all of their length those whose largest error in the audible band
//! (20 kHz at 44.1 kHz) is least (J. H. McClellan, T. W. Parks, "A unified approach to the design of optimum FIR linear phase digital filters", 1973;
//! P. P. Vaidyanathan, T. Q. Nguyen, "A trick for the design of FIR half-band filters", 1987), to the nearest f32.

/// On the way up and down, of each doubling. Together a doubling's two filters delay by one frame of the lower rate less than they have coefficients
/// here; these lengths make every sum of them whole frames of the lowest.
pub(super) const STAGES: [(&[f32], &[f32]); 4] =
    [(&LONG, &LONG), (&SECOND_UP, &SECOND_DOWN), (&THIRD_UP, &THIRD_DOWN), (&FOURTH_UP, &FOURTH_DOWN)];

const LONG: [f32; 36] = [
    0.636_027_9,
    -0.210_436_88,
    0.124_394_25,
    -0.086_885_29,
    0.065_584_64,
    -0.051_683_392,
    0.041_798_744,
    -0.034_355_722,
    0.028_522_978,
    -0.023_820_624,
    0.019_952_163,
    -0.016_724_113,
    0.014_004_238,
    -0.011_698_383,
    0.009_736_961,
    -0.008_066_717,
    0.006_645_558_4,
    -0.005_439_223_3,
    0.004_419_089,
    -0.003_560_712_6,
    0.002_842_853,
    -0.002_246_806_6,
    0.001_755_959,
    -0.001_355_477_6,
    0.001_032_100_1,
    -7.739831e-4,
    5.7059055e-4,
    -4.1260468e-4,
    2.9184838e-4,
    -2.0121169e-4,
    1.3458105e-4,
    -8.676311e-5,
    5.340824e-5,
    -3.092966e-5,
    1.6422024e-5,
    -9.0078465e-6,
];

const SECOND_UP: [f32; 6] = [0.617_445_95, -0.160_646_9, 0.057_676_44, -0.018_085_845, 0.004_112_711, -5.039506e-4];

const SECOND_DOWN: [f32; 7] =
    [0.620_069_5, -0.167_088_08, 0.064_791_95, -0.023_307_078, 0.006_768_061_3, -0.001_383_896_5, 1.4971118e-4];

const THIRD_UP: [f32; 4] = [0.600_828_7, -0.124_562_72, 0.026_786_314, -0.003_052_619_3];

const THIRD_DOWN: [f32; 5] = [0.607_735_8, -0.138_878_42, 0.037_774_6, -0.007_343_824_5, 7.118461e-4];

const FOURTH_UP: [f32; 4] = [0.598_820_27, -0.120_851_696, 0.024_612_341, -0.002_580_934_4];

const FOURTH_DOWN: [f32; 5] = [0.606_152_3, -0.135_648_64, 0.035_374_496, -0.006_451_679_4, 5.735233e-4];
