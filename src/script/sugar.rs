//! The token mapper: unit literals, named arguments and pairs, by the marks that [`super::lex`] left.

use std::sync::{Arc, Mutex, MutexGuard};

use rhai::{Dynamic, Engine, EvalContext, Expression, INT, Token};

use super::lex::{Lexed, Literal, Mark};
use super::values::{Poison, Quantity};

/// Takes a unit literal apart: an odd number is negative.
pub(super) const LITERAL: &str = "unit_literal";
pub(super) const PAIR: &str = "pair_of";

/// What the mapper and the literals of all sources share.
#[derive(Clone, Default)]
pub(super) struct Sugar(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    literals: Vec<Literal>,
    current: Option<(Arc<Lexed>, u32)>,
    pending: Option<INT>,
}

impl Sugar {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The next text to be compiled is this one.
    pub(super) fn begin(&self, lexed: &Arc<Lexed>) {
        let mut table = self.lock();
        let base = table.literals.len() as u32;
        table.literals.extend_from_slice(&lexed.literals);
        table.current = Some((lexed.clone(), base));
        table.pending = None;
    }

    pub(super) fn register(&self, engine: &mut Engine) {
        let sugar = self.clone();
        #[allow(deprecated, reason = "marked as volatile, not as going away")]
        engine.on_parse_token(move |token, position, _| sugar.map(token, position));
        let sugar = self.clone();
        let read = move |_: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]| {
            let index = inputs.first().and_then(|i| i.get_literal_value::<INT>()).unwrap_or(0);
            let literal = sugar.lock().literals.get((index / 2) as usize).copied();
            Ok(literal.map_or(Dynamic::UNIT, |l| {
                // of a unit that does not exist: told already, and whatever comes of it is no second mistake
                let Some(unit) = l.unit else { return Dynamic::from(Poison) };
                let mut span = l.span;
                let mut value = l.value;
                if index % 2 == 1 {
                    span.start -= l.sign;
                    value = -value;
                }
                Dynamic::from(Quantity { value, unit, span: Some(span) })
            }))
        };
        // neither can fail: the words are new and the symbols are names
        let _ = engine.register_custom_syntax([LITERAL, "$int$"], false, read);
        let _ = engine.register_custom_operator(PAIR, 2);
    }

    fn map(&self, token: Token, position: rhai::Position) -> Token {
        let mut table = self.lock();
        let Some((lexed, base)) = table.current.clone() else { return token };
        if matches!(token, Token::EOF) {
            return token;
        }
        let Some(mut offset) = lexed.offset(position) else { return token };
        let sign = lexed.text[offset..].chars().next().filter(|c| matches!(c, '-' | '–' | '−' | '—'));
        let negative = sign.filter(|_| matches!(token, Token::IntegerConstant(_) | Token::FloatConstant(_)));
        offset += negative.map_or(0, char::len_utf8);
        let negative = negative.is_some();
        match (lexed.mark(offset), &token) {
            (Some(Mark::Literal(index)), _) => {
                table.pending = Some(INT::from(base + index) * 2 + INT::from(negative));
                Token::Custom(Box::new(LITERAL.into()))
            }
            (Some(Mark::Tail), _) => Token::IntegerConstant(table.pending.take().unwrap_or(0)),
            (Some(Mark::Name(length)), _) => {
                let name = lexed.text.get(offset..offset + length as usize).unwrap_or("");
                Token::StringConstant(Box::new(name.into()))
            }
            (Some(Mark::Colon), Token::Colon) => Token::Custom(Box::new(PAIR.into())),
            _ => token,
        }
    }
}
