use std::fmt;

use serde::Serialize;

/// What a mistake is called: `MX0104`. The first two digits are its family: 01 syntax, 02 names, 03 values, 04 routing,
/// 05 files, 06 delivery, 07 advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Code(pub u16);

impl Code {
    /// The script cannot be read.
    pub const SYNTAX: Code = Code(101);
    /// A number with a unit that does not exist.
    pub const UNKNOWN_UNIT: Code = Code(102);
    /// The script stopped while it was evaluated.
    pub const SCRIPT: Code = Code(103);
    /// A call that names no effect and no function.
    pub const UNKNOWN_EFFECT: Code = Code(104);
    /// A named argument that the call does not take.
    pub const UNKNOWN_PARAMETER: Code = Code(105);
    /// Too many arguments, or too few.
    pub const ARGUMENTS: Code = Code(106);
    /// The script asked for more than its sandbox gives.
    pub const LIMIT: Code = Code(107);
    /// An import that finds no module.
    pub const NO_MODULE: Code = Code(108);
    /// Modules that import one another.
    pub const IMPORT_CYCLE: Code = Code(109);
    /// A variable that was never declared.
    pub const UNKNOWN_VARIABLE: Code = Code(110);
    /// A word that the language keeps for itself.
    pub const RESERVED: Code = Code(111);
    /// Two strips of one name.
    pub const DUPLICATE_NAME: Code = Code(201);
    /// A route or send to a bus that does not exist.
    pub const UNKNOWN_BUS: Code = Code(202);
    /// A section that does not exist.
    pub const UNKNOWN_SECTION: Code = Code(203);
    /// A render target that does not exist.
    pub const UNKNOWN_TARGET: Code = Code(204);
    /// A name that cannot become a file.
    pub const UNUSABLE_NAME: Code = Code(205);
    /// A strip that does not exist.
    pub const UNKNOWN_STRIP: Code = Code(206);
    /// A delivery target that does not exist.
    pub const DELIVERY_TARGET: Code = Code(207);
    /// A value for a parameter that the script does not have.
    pub const UNKNOWN_SETTING: Code = Code(208);
    /// A version that does not exist.
    pub const UNKNOWN_VERSION: Code = Code(209);
    /// A number in the wrong unit.
    pub const WRONG_UNIT: Code = Code(301);
    /// Something else where a value is needed.
    pub const WRONG_TYPE: Code = Code(302);
    /// A number outside the range of its parameter.
    pub const OUT_OF_RANGE: Code = Code(303);
    /// A word that the parameter does not know.
    pub const UNKNOWN_CHOICE: Code = Code(304);
    /// A frequency above what the sample rate holds.
    pub const CLAMPED: Code = Code(305);
    /// Points of a curve that make no curve.
    pub const CURVE: Code = Code(306);
    /// A time that cannot be placed.
    pub const TIME: Code = Code(307);
    /// Settings that an effect cannot work with.
    pub const REFUSED: Code = Code(308);
    /// A curve for a parameter that stands still.
    pub const NOT_A_CURVE: Code = Code(309);
    /// A tag that is not written as it must be.
    pub const TAG: Code = Code(310);
    /// Strips that feed one another in a circle.
    pub const CYCLE: Code = Code(401);
    /// A strip that nothing hears.
    pub const UNHEARD: Code = Code(402);
    /// A strip that sends to itself.
    pub const SELF_SEND: Code = Code(403);
    /// A session without sound.
    pub const EMPTY: Code = Code(404);
    /// A sample that is no number.
    pub const NOT_FINITE: Code = Code(405);
    /// A file that is not there.
    pub const FILE_MISSING: Code = Code(501);
    /// An audio file that cannot be decoded.
    pub const FILE_UNREADABLE: Code = Code(502);
    /// An audio file that ends before its header says.
    pub const FILE_TRUNCATED: Code = Code(503);
    /// An audio file with a layout that is not supported.
    pub const FILE_LAYOUT: Code = Code(504);
    /// A file that may not be read.
    pub const FILE_DENIED: Code = Code(505);
    /// An audio file that changed while it was read.
    pub const FILE_CHANGED: Code = Code(506);
    /// A path that leads outside.
    pub const PATH: Code = Code(507);
    /// A file that could not be written.
    pub const WRITE: Code = Code(508);
    /// An audio file with a sample rate that is not supported.
    pub const FILE_RATE: Code = Code(509);
    /// An absolute path, which will not travel.
    pub const PATH_ABSOLUTE: Code = Code(510);
    /// A cover that is no picture.
    pub const COVER: Code = Code(511);
    /// An audio file whose name says another format than its bytes.
    pub const FILE_LABEL: Code = Code(512);
    /// Two deliveries into one file.
    pub const SAME_PATH: Code = Code(601);
    /// A format, depth or option that the file cannot have.
    pub const FORMAT: Code = Code(602);
    /// Samples over full scale in an integer file.
    pub const CLIPPED: Code = Code(603);
    /// A solo left on.
    pub const SOLO: Code = Code(604);
    /// A word in braces that a path does not know.
    pub const PATH_WORD: Code = Code(605);
    /// Nothing to deliver.
    pub const NO_DELIVERY: Code = Code(606);
    /// Stems that do not sum to the mix.
    pub const STEMS: Code = Code(607);
    /// A range that holds nothing.
    pub const RANGE: Code = Code(608);
    /// An expectation that does not hold.
    pub const EXPECTATION: Code = Code(610);
    /// A reading that does not exist.
    pub const NO_READING: Code = Code(611);
    /// A source without the measure that its trim is to bring to a level.
    pub const NO_LEVEL: Code = Code(612);
    /// A trim that would move a source further than trims go.
    pub const FAR_TRIM: Code = Code(613);
    /// A loudness that cannot be met.
    pub const LOUDNESS: Code = Code(614);
    /// A bus that nothing goes into.
    pub const EMPTY_BUS: Code = Code(701);
    /// A send that is never on.
    pub const OFF_SEND: Code = Code(702);
    /// A track that is only its own reverb or echo.
    pub const ONLY_WET: Code = Code(703);
    /// A return that brings the dry sound a second time.
    pub const DRY_RETURN: Code = Code(704);
    /// A strip that comes as late as an echo.
    pub const LATE_STRIP: Code = Code(705);
    /// A fader above what faders are for.
    pub const HIGH_FADER: Code = Code(706);
    /// A width of what is mono.
    pub const MONO_WIDTH: Code = Code(707);
    /// A mix that is limited before it is mastered.
    pub const LIMITED_MIX: Code = Code(708);
    /// Two files of the same sound.
    pub const SAME_SOUND: Code = Code(709);
    /// A version that goes into no file.
    pub const UNDELIVERED: Code = Code(710);
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MX{:04}", self.0)
    }
}

/// What `mixdown explain` says of a code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    pub code: Code,
    pub title: &'static str,
    pub cause: &'static str,
    pub bad: &'static str,
    pub good: &'static str,
}
