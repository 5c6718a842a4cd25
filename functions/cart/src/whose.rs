//! Whose cart it is: the caller's own, or the one whose token a guest brings, in a header or in a cookie that no script
//! can read.

use bharatmart_core::cart::{Cart, KEPT, token};
use bharatmart_core::ports::Fault;
use bharatmart_core::{CartId, RecordKey, UserId};
use bharatmart_runtime::config::CART_KEY;
use bharatmart_runtime::{Ctx, Problem, Reply};

use crate::refused;

const HEADER: &str = "X-Cart-Token";
const COOKIE: &str = "cart_token";

#[derive(Clone, Copy)]
pub enum Whose {
    User(UserId),
    Guest(CartId),
    /// A guest without a token: nothing is kept yet, and would be under this id.
    Newcomer(CartId),
}

impl Whose {
    /// Who is logged in has one cart, whatever token comes along.
    pub async fn of(ctx: &Ctx) -> Result<Self, Problem> {
        match &ctx.caller {
            Some(caller) => Ok(Whose::User(caller.user)),
            None => Self::guest(ctx).await,
        }
    }

    /// By the token that came along, of a guest or of somebody who was one.
    pub async fn guest(ctx: &Ctx) -> Result<Self, Problem> {
        let Some(token) = ctx.header(HEADER).or_else(|| ctx.cookie(COOKIE)) else {
            return Ok(Whose::Newcomer(CartId::new(ctx.ids())));
        };
        let opened = token::open(&ctx.keys(CART_KEY).await?, &ctx.tenant, token);
        opened.map(Whose::Guest).ok_or_else(|| {
            // No script of the page could take a bad one away.
            let bad = without_cookie(ctx).filter(|_| ctx.header(HEADER).is_none());
            bad.into_iter().fold(refused::cart_token_invalid(), |problem, cookie| problem.header("Set-Cookie", cookie))
        })
    }

    /// As it is now; an empty one where none is kept.
    pub async fn cart(self, ctx: &Ctx) -> Result<Cart, Fault> {
        let now = ctx.clock().now();
        let empty = match self {
            Whose::User(user) => Cart::of_user(user, now),
            Whose::Guest(id) => Cart::of_guest(id, now),
            Whose::Newcomer(id) => return Ok(Cart::of_guest(id, now)),
        };
        let kept: Option<Cart> = ctx.find(&RecordKey::alone(empty.id)).await?;
        Ok(kept.map_or(empty, |cart| cart.at(now)))
    }

    pub fn user(self) -> Option<UserId> {
        match self {
            Whose::User(user) => Some(user),
            Whose::Guest(_) | Whose::Newcomer(_) => None,
        }
    }

    /// Gives a guest what to come back with, for as long as the cart is kept.
    pub async fn hand_out(self, ctx: &Ctx, reply: Reply) -> Result<Reply, Fault> {
        let (Whose::Guest(id) | Whose::Newcomer(id)) = self else { return Ok(reply) };
        let token = token::seal(&ctx.keys(CART_KEY).await?, &ctx.tenant, id);
        Ok(match wants_cookie(ctx) {
            true => reply.header("Set-Cookie", cookie(ctx, &token, KEPT.as_secs())),
            false => reply.header(HEADER, token),
        })
    }
}

/// Takes the token from a browser that keeps it where no script can.
pub fn without_cookie(ctx: &Ctx) -> Option<String> {
    ctx.cookie(COOKIE).is_some().then(|| cookie(ctx, "", 0))
}

fn wants_cookie(ctx: &Ctx) -> bool {
    let asked = ctx.header("x-session-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("cookie"));
    asked || (ctx.header(HEADER).is_none() && ctx.cookie(COOKIE).is_some())
}

/// Only on a developer's machine is there a shop without TLS.
fn cookie(ctx: &Ctx, value: &str, seconds: u64) -> String {
    let secure = if ctx.config().app_env.is_private() { "" } else { "; Secure" };
    format!("{COOKIE}={value}; Path=/api/v1; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
