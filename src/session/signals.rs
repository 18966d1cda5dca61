use super::{Effect, Session, Signal, Value};

impl Session {
    /// Calls `with` for every number of the session that may move.
    pub fn each_signal(&mut self, with: &mut dyn FnMut(&mut Signal)) {
        for strip in &mut self.strips {
            with(&mut strip.gain);
            with(&mut strip.width);
            strip.rides.iter_mut().chain(&mut strip.pan).for_each(&mut *with);
            if let Some((left, right)) = &mut strip.place {
                with(left);
                with(right);
            }
            strip.sends.iter_mut().for_each(|send| with(&mut send.level));
            strip.inserts.iter_mut().for_each(|effect| effect.each_signal(with));
        }
        self.vcas.iter_mut().for_each(|vca| with(&mut vca.gain));
    }
}

impl Effect {
    fn each_signal(&mut self, with: &mut dyn FnMut(&mut Signal)) {
        for (_, value, _) in &mut self.values {
            match value {
                Value::Number(signal) => with(signal),
                Value::Effect(child) => child.each_signal(with),
                Value::Effects(all) => all.iter_mut().for_each(|child| child.each_signal(with)),
                Value::Word(_) | Value::Switch(_) | Value::Numbers(_) | Value::Key(_) => {}
            }
        }
    }
}
