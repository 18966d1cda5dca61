use crate::cli::End;
use crate::cli::args::{Cache, CacheAction};
use crate::cli::terminal::Terminal;
use crate::report::{self, Stock};
use crate::world::Disk;

/// Shows what is kept of finished work, verifies it, or takes it away.
pub(in crate::cli) fn cache(terminal: &Terminal, world: &Disk, asked: &Cache) -> End {
    let Some(folder) = world.cache() else {
        return terminal.fail("there is no cache: `--no-cache` was asked for, or the user has no cache folder", None);
    };
    if asked.action == Some(CacheAction::Clean) {
        world.forget();
    }
    let verify = asked.action == Some(CacheAction::Verify);
    let stock = world.stock(verify);
    let shown = Stock {
        folder: &folder.display().to_string(),
        packs: stock.packs,
        objects: stock.objects,
        bytes: stock.bytes,
        limit: Disk::STORE,
        damaged: verify.then_some(stock.damaged),
    };
    if terminal.json() {
        terminal.object(&report::json::stock(&shown));
    } else {
        terminal.data(&report::stock(&shown));
    }
    End::of(stock.damaged > 0, false)
}
