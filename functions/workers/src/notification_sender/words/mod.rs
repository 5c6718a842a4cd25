//! What customers are written. No name is in it, nor anything else somebody typed: at sign-up a stranger's address may
//! be given, and the shop's mail must not carry a stranger's words to it. Whoever runs the shop is written in its own
//! words; whoever ordered, at an address they proved, what they ordered and where it goes.

pub mod order;
mod page;

use bharatmart_core::Sku;
use bharatmart_core::identity::Purpose;

pub struct Words {
    /// Empty for an SMS.
    pub subject: String,
    pub text: String,
    /// The same as a page.
    pub html: Option<String>,
}

impl Words {
    fn mail(subject: &str, text: String) -> Self {
        Words { subject: subject.to_owned(), text, html: None }
    }

    fn sms(text: String) -> Self {
        Words { subject: String::new(), text, html: None }
    }
}

pub fn otp(code: &str) -> Words {
    let minutes = Purpose::PhoneLogin.life().as_secs() / 60;
    let text = format!("{code} is your BharatMart code, good for {minutes} minutes. Tell it to nobody.");
    Words::sms(text)
}

/// For whoever ordered: it says of what it is the code, since somebody else may have given the number.
pub fn cod_code(code: &str, number: &str) -> Words {
    let minutes = Purpose::CashOnDelivery.life().as_secs() / 60;
    let text = format!(
        "{code} confirms your BharatMart order {number}, to be paid at the door. Good for {minutes} minutes; tell it \
         to nobody. If you did not order, do nothing."
    );
    Words::sms(text)
}

pub fn verify_email(url: &str, token: &str) -> Words {
    let hours = Purpose::VerifyEmail.life().as_secs() / 3600;
    let text = format!(
        "Hello,\n\nopen this link to confirm that this e-mail address is yours:\n\n\
         {url}/verify-email?token={token}\n\n\
         It is good for {hours} hours. If you did not give this address to BharatMart, do nothing: nobody can use it \
         without the link.\n"
    );
    Words::mail("Confirm your e-mail address", text)
}

pub fn reset_password(url: &str, token: &str) -> Words {
    let minutes = Purpose::ResetPassword.life().as_secs() / 60;
    let text = format!(
        "Hello,\n\nopen this link to choose a new password:\n\n\
         {url}/reset-password?token={token}\n\n\
         It is good for {minutes} minutes, once. If you did not ask for it, do nothing: your password stays as it is.\n"
    );
    Words::mail("Choose a new password", text)
}

pub fn welcome(url: &str) -> Words {
    let text = format!("Hello,\n\nwelcome to BharatMart. Your account is ready:\n\n{url}\n");
    Words::mail("Welcome to BharatMart", text)
}

pub fn password_changed(url: &str) -> Words {
    let text = format!(
        "Hello,\n\nthe password of your BharatMart account was changed, and your other devices were logged out.\n\n\
         If it was not you, choose a new one now:\n\n{url}/forgot-password\n"
    );
    Words::mail("Your password was changed", text)
}

pub fn email_changed(url: &str) -> Words {
    let text = format!(
        "Hello,\n\nthis is no longer the e-mail address of your BharatMart account: another took its place, or it was \
         taken away.\n\nIf it was not you, write to the shop at once:\n\n{url}\n"
    );
    Words::mail("Your e-mail address was changed", text)
}

/// To the number that was left.
pub fn phone_left() -> Words {
    let text = "This is no longer the number of your BharatMart account. If it was not you, write to the shop at once.";
    Words::sms(text.to_owned())
}

/// To the e-mail address of an account that had no number.
pub fn phone_added(url: &str) -> Words {
    let text = format!(
        "Hello,\n\na phone number was added to your BharatMart account: codes sent to it log in.\n\nIf it was not \
         you, choose a new password now and take the number out of your profile:\n\n{url}/forgot-password\n"
    );
    Words::mail("A phone number was added", text)
}

pub fn session_ended(url: &str) -> Words {
    let text = format!(
        "Hello,\n\na login of your BharatMart account was used from two places at once, as when somebody has copied \
         it. It was ended on both; log in again where you need it.\n\n\
         If you do not know why, choose a new password:\n\n{url}/forgot-password\n"
    );
    Words::mail("A device was logged out", text)
}

pub fn low_stock(sku: &Sku, product: &str, available: u32) -> Words {
    let left = match available {
        0 => "nothing is left".to_owned(),
        1 => "one is left".to_owned(),
        more => format!("{more} are left"),
    };
    let text = format!(
        "Hello,\n\nof {sku} ({product}) {left} to sell.\n\nYou hear of it again once there was enough in between.\n"
    );
    Words::mail("A product is running low", text)
}
