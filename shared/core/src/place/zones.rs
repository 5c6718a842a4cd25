//! Which state a PIN code lies in, as far as the code tells: the first three digits are a sorting district, and nearly
//! every district lies in one state. Where one spans two, what is known of single codes and ranges comes first; the
//! state that an address names decides in the end.

use super::{PinCode, State};

/// Where a PIN code leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    State(State),
    /// Field post offices: wherever the army is.
    Army,
}

/// Sorting districts from and to, and GST's code of the state.
static DISTRICTS: [(u32, u32, u8); 45] = [
    (110, 110, 7),
    (121, 136, 6),
    (140, 159, 3),
    (160, 160, 4),
    (171, 177, 2),
    (180, 193, 1),
    (194, 194, 38),
    (201, 247, 9),
    (248, 249, 5),
    (250, 262, 9),
    (263, 263, 5),
    (264, 285, 9),
    (301, 345, 8),
    (360, 396, 24),
    (400, 402, 27),
    (403, 403, 30),
    (404, 445, 27),
    (450, 488, 23),
    (490, 497, 22),
    (500, 509, 36),
    (515, 535, 37),
    (560, 591, 29),
    (600, 643, 33),
    (670, 695, 32),
    (700, 736, 19),
    (737, 737, 11),
    (741, 743, 19),
    (744, 744, 35),
    (751, 770, 21),
    (781, 788, 18),
    (790, 792, 12),
    (793, 794, 17),
    (795, 795, 14),
    (796, 796, 15),
    (797, 798, 13),
    (799, 799, 16),
    (800, 813, 10),
    (814, 816, 20),
    (821, 821, 10),
    (822, 822, 20),
    (823, 824, 10),
    (825, 829, 20),
    (831, 835, 20),
    (841, 855, 10),
    (900, 999, ARMY),
];

/// Codes from and to that lie in another state than the rest of their district.
static APART: [(u32, u32, u8); 22] = [
    // Mohali and Zirakpur, beside Chandigarh.
    (160_055, 160_055, 3),
    (160_059, 160_059, 3),
    (160_062, 160_062, 3),
    (160_071, 160_071, 3),
    (160_103, 160_104, 3),
    // Kashipur and Ramnagar; Pauri and Chamoli; Roorkee and Haridwar; Khatima, Sitarganj and Pithoragarh.
    (244_712, 244_717, 5),
    (246_001, 246_499, 5),
    (247_656, 247_671, 5),
    (262_308, 262_310, 5),
    (262_401, 262_405, 5),
    (262_501, 262_599, 5),
    // Diu; Dadra; Daman and Silvassa.
    (362_520, 362_540, 26),
    (396_193, 396_193, 26),
    (396_210, 396_240, 26),
    // Puducherry's four parts: Yanam, the town with its villages, Karaikal and Mahe.
    (533_464, 533_464, 34),
    (605_001, 605_014, 34),
    (605_106, 605_107, 34),
    (605_110, 605_110, 34),
    (607_402, 607_403, 34),
    (609_601, 609_609, 34),
    (673_310, 673_310, 34),
    // Lakshadweep's mail goes by way of Kochi.
    (682_551, 682_559, 31),
];

/// No state has this code.
const ARMY: u8 = 0;

impl PinCode {
    /// `None`: no post office has a code of this district.
    pub fn zone(&self) -> Option<Zone> {
        let code: u32 = self.as_str().parse().ok()?;
        let within = |table: &[(u32, u32, u8)], value: u32| {
            table.iter().find(|(from, to, _)| (*from..=*to).contains(&value)).map(|(.., state)| *state)
        };
        match within(&APART, code).or_else(|| within(&DISTRICTS, code / 1_000))? {
            ARMY => Some(Zone::Army),
            state => Some(Zone::State(State(state))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(code: &str) -> String {
        match PinCode::parse(code).unwrap().zone() {
            Some(Zone::State(state)) => state.name().to_owned(),
            Some(Zone::Army) => "the army".to_owned(),
            None => "nowhere".to_owned(),
        }
    }

    #[test]
    fn the_capitals_lie_in_their_states() {
        let capitals = [
            ("110001", "Delhi"),
            ("122001", "Haryana"),
            ("141001", "Punjab"),
            ("160017", "Chandigarh"),
            ("171001", "Himachal Pradesh"),
            ("190001", "Jammu and Kashmir"),
            ("194101", "Ladakh"),
            ("226001", "Uttar Pradesh"),
            ("248001", "Uttarakhand"),
            ("302001", "Rajasthan"),
            ("380001", "Gujarat"),
            ("400001", "Maharashtra"),
            ("403001", "Goa"),
            ("462001", "Madhya Pradesh"),
            ("492001", "Chhattisgarh"),
            ("500001", "Telangana"),
            ("520001", "Andhra Pradesh"),
            ("560001", "Karnataka"),
            ("600001", "Tamil Nadu"),
            ("695001", "Kerala"),
            ("700001", "West Bengal"),
            ("737101", "Sikkim"),
            ("744101", "Andaman and Nicobar Islands"),
            ("751001", "Odisha"),
            ("781001", "Assam"),
            ("791111", "Arunachal Pradesh"),
            ("793001", "Meghalaya"),
            ("795001", "Manipur"),
            ("796001", "Mizoram"),
            ("797001", "Nagaland"),
            ("799001", "Tripura"),
            ("800001", "Bihar"),
            ("834001", "Jharkhand"),
        ];
        for (code, name) in capitals {
            assert_eq!(state(code), name, "{code}");
        }
    }

    #[test]
    fn what_lies_apart_from_its_district_is_known() {
        let apart = [
            ("160055", "Punjab"),
            ("244715", "Uttarakhand"),
            ("246701", "Uttar Pradesh"),
            ("247667", "Uttarakhand"),
            ("247001", "Uttar Pradesh"),
            ("262501", "Uttarakhand"),
            ("262701", "Uttar Pradesh"),
            ("362520", "Dadra and Nagar Haveli and Daman and Diu"),
            ("396230", "Dadra and Nagar Haveli and Daman and Diu"),
            ("396001", "Gujarat"),
            ("605001", "Puducherry"),
            ("605601", "Tamil Nadu"),
            ("609602", "Puducherry"),
            ("673310", "Puducherry"),
            ("682555", "Lakshadweep"),
            ("682001", "Kerala"),
            ("814112", "Jharkhand"),
            ("823001", "Bihar"),
            ("900056", "the army"),
        ];
        for (code, name) in apart {
            assert_eq!(state(code), name, "{code}");
        }
    }

    #[test]
    fn a_code_of_no_district_is_nowhere() {
        for code in ["100000", "109999", "199999", "350000", "398001", "540000", "650000", "660000", "880000"] {
            assert_eq!(state(code), "nowhere", "{code}");
        }
    }

    #[test]
    fn each_state_has_a_code_and_no_code_has_a_state_that_is_not_there() {
        let mut seen = std::collections::BTreeSet::new();
        for code in 100_000..1_000_000_u32 {
            if let Some(Zone::State(state)) = PinCode::parse(&code.to_string()).unwrap().zone() {
                seen.insert(state);
            }
        }
        assert_eq!(seen, State::all().collect());
        let in_order = |table: &[(u32, u32, u8)]| table.windows(2).all(|pair| pair[0].1 < pair[1].0);
        assert!(in_order(&DISTRICTS) && in_order(&APART));
    }
}
