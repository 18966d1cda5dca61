use std::collections::BTreeSet;

use super::{Asking, Target};
use crate::diag::Diagnostics;
use crate::session::Version;

impl Asking<'_> {
    /// Versions are driven as the session as it stands is: that is made too, if only for them.
    pub(super) fn lead(&self, targets: &mut Vec<Target>, found: &mut Diagnostics) {
        for index in 0..targets.len() {
            let target = &targets[index];
            let follows = target.solves().is_some();
            let Some((of, version)) = target.delivery.clone().filter(|_| follows) else { continue };
            let delivery = &self.session.deliveries[of];
            if version == Version::MAIN || delivery.solve_each {
                continue;
            }
            let main = |t: &Target| t.delivery.as_ref().is_some_and(|(d, v)| *d == of && v == Version::MAIN);
            let leader = targets.iter().position(main).or_else(|| {
                let hidden = self.settle(&self.delivery(of, delivery, Version::MAIN), &BTreeSet::new(), found)?;
                targets.push(Target { hidden: true, ..hidden });
                Some(targets.len() - 1)
            });
            targets[index].leader = leader;
        }
    }
}
