//! The shop's own terms: where it sells from, what delivery costs, the least it sells, and where it brings nothing.

use bharatmart_core::delivery::Reach;
use bharatmart_core::pricing::Terms;
use bharatmart_core::{Paise, State};

use super::reader::Reader;

/// Andaman and Nicobar, and Lakshadweep.
const NOT_SERVED: &str = "744,68255";

pub(super) fn read(read: &mut Reader) -> Terms {
    Terms {
        seller: seller(read),
        delivery: paise(read, "DELIVERY_FEE", 4_000),
        free_from: paise(read, "FREE_DELIVERY_FROM", 49_900),
        minimum: paise(read, "MINIMUM_ORDER", 19_900),
        // What switches them off is a flag, read for each request.
        coupons: true,
    }
}

fn seller(read: &mut Reader) -> State {
    const VARIABLE: &str = "SELLER_STATE";
    let name = read.text(VARIABLE, State::default().name());
    State::parse(&name).unwrap_or_else(|invalid| {
        read.wrong(VARIABLE, &format!("is {name:?}, {invalid}"));
        State::default()
    })
}

fn paise(read: &mut Reader, variable: &str, default: u64) -> Paise {
    let amount = read.number(variable, default, 0, Paise::MAX.get() as u64);
    Paise::parse(amount as i64).unwrap_or(Paise::MAX)
}

pub(super) fn reach(read: &mut Reader) -> Reach {
    const VARIABLE: &str = "DELIVERY_EXCEPT";
    let list = read.text(VARIABLE, NOT_SERVED);
    Reach::parse(&list).unwrap_or_else(|invalid| {
        read.wrong(VARIABLE, &format!("is {list:?}, {invalid}, or none"));
        Reach::default()
    })
}

#[cfg(test)]
mod tests {
    use bharatmart_core::delivery::Destination;

    use super::*;

    fn reader(variables: &[(&str, &str)]) -> Reader {
        Reader::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn without_a_setting_the_terms_are_those_of_the_documentation() {
        let mut read = reader(&[]);
        let terms = super::read(&mut read);
        assert_eq!((terms.seller.name(), terms.delivery), ("Karnataka", Paise::from_rupees(40)));
        assert_eq!((terms.free_from, terms.minimum), (Paise::from_rupees(499), Paise::from_rupees(199)));
        let reach = reach(&mut read);
        let to = |pincode| Destination::parse(pincode, &reach).unwrap().serviceable;
        assert!(to("560001") && !to("744101") && !to("682555") && to("682001"));
        assert!(read.finish(()).is_ok());
    }

    #[test]
    fn every_wrong_term_is_named() {
        let wrong = [
            ("SELLER_STATE", "Atlantis"),
            ("DELIVERY_FEE", "-1"),
            ("FREE_DELIVERY_FROM", "499.00"),
            ("MINIMUM_ORDER", "99999999999"),
            ("DELIVERY_EXCEPT", "Goa"),
        ];
        let mut read = reader(&wrong);
        let (_, _) = (super::read(&mut read), reach(&mut read));
        let text = read.finish(()).unwrap_err().to_string();
        for (variable, value) in wrong {
            assert!(text.contains(&format!("{variable}: is {value:?}, must be")), "{variable}: {text}");
        }
    }
}
