//! What is said of every code, a file for each family.

mod advice;
mod delivery;
mod files;
mod names;
mod routing;
mod syntax;
mod values;

use super::Explanation;

const FAMILIES: [&[Explanation]; 7] =
    [syntax::ALL, names::ALL, values::ALL, routing::ALL, files::ALL, delivery::ALL, advice::ALL];

const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

/// Every code, ascending. A code keeps its meaning for ever.
pub const CODES: &[Explanation] = &{
    let mut all = [FAMILIES[0][0]; COUNT];
    let (mut next, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut index = 0;
        while index < FAMILIES[family].len() {
            all[next] = FAMILIES[family][index];
            next += 1;
            index += 1;
        }
        family += 1;
    }
    all
};
