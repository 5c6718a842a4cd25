//! Where a request comes from, as core wants to know it.

use bharatmart_core::identity::{Device, DeviceName, Scene};
use bharatmart_runtime::Ctx;

/// Of what a browser tells of itself no more is kept.
const USER_AGENT: usize = 200;

pub fn scene(ctx: &Ctx) -> Scene<'_> {
    Scene {
        tenant: &ctx.tenant,
        clock: ctx.clock(),
        ids: ctx.ids(),
        random: ctx.random(),
        address: Some(ctx.address()),
    }
}

pub fn device(ctx: &Ctx, name: Option<DeviceName>) -> Device {
    let told = ctx.header("user-agent").map(|agent| agent.chars().take(USER_AGENT).collect());
    Device { name: name.map(String::from), user_agent: told, address: Some(ctx.address().to_owned()) }
}
