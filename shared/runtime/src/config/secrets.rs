//! The shop's secrets by name, and what stands in for them on a developer's machine.

/// Signs list cursors.
pub const CURSOR_KEY: &str = "cursor-key";
/// Sign access tokens: `{"keys":[{"kid":"…","seed":"…"}]}`, or the one key alone. The first signs, all verify. A seed is
/// 32 bytes as base64url, or a random text of 40 characters or more.
pub const TOKEN_KEYS: &str = "token-keys";
/// Derive refresh tokens and the tokens against forged requests: a list with commas or lines, newest first. The first
/// derives; what another of them derived is still good.
pub const REFRESH_KEY: &str = "refresh-key";
/// Derive the codes and links that are sent to customers: a list as that of `refresh-key`.
pub const CODE_KEY: &str = "code-key";
/// Seal what must be read again, the secrets of second factors: a list with commas or lines, newest first.
pub const SEALING_KEY: &str = "sealing-key";
/// Seals the tokens that guests' carts are held by: a list as that of `refresh-key`.
pub const CART_KEY: &str = "cart-key";
/// Signs what the payment provider tells by webhook: a list as that of `refresh-key`.
pub const WEBHOOK_KEY: &str = "webhook-key";
/// The mail server, where SMTP_URL does not name it.
pub const SMTP_URL: &str = "smtp-url";
/// Of the account that `admin-create` makes; the environment may call it ADMIN_PASSWORD too.
pub const ADMIN_PASSWORD: &str = "admin-password";

/// Secrets that stand in for themselves on a developer's machine alone.
pub const REQUIRED_SECRETS: &[&str] =
    &[CURSOR_KEY, TOKEN_KEYS, REFRESH_KEY, CODE_KEY, SEALING_KEY, CART_KEY, WEBHOOK_KEY];

/// Known to everybody, and refused wherever somebody else can reach the shop.
pub const DEFAULT_SECRETS: &[(&str, &str)] = &[
    (CURSOR_KEY, "development cursor key, not for others' eyes"),
    // The seed is "development token key, no secret".
    (TOKEN_KEYS, r#"{"keys":[{"kid":"development","seed":"ZGV2ZWxvcG1lbnQgdG9rZW4ga2V5LCBubyBzZWNyZXQ"}]}"#),
    (REFRESH_KEY, "development refresh key that everybody knows"),
    (CODE_KEY, "development code key that everybody knows"),
    (SEALING_KEY, "development sealing key that everybody knows"),
    (CART_KEY, "development cart key that everybody knows"),
    (WEBHOOK_KEY, "development webhook key that everybody knows"),
];
