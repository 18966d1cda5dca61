use super::Desk;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Versions that no delivery asks for.
pub(super) fn undelivered(desk: &Desk<'_>, found: &mut Diagnostics) {
    let session = desk.session;
    let delivered = |name: &str| session.deliveries.iter().any(|d| d.versions.names(&session.versions).contains(&name));
    for version in session.versions.iter().filter(|v| !delivered(&v.name)) {
        found.push(
            Diagnostic::warning(Code::UNDELIVERED, format!("the version \"{}\" goes into no file", version.name))
                .label(version.loc.0, "no delivery names it")
                .help("deliver it: `deliver(master, \"{song}-{version}.wav\", versions: \"all\");`"),
        );
    }
}
