//! Kinds of unit (tỉnh, phường, ấp …) and the levels on which they stand.

use lang::Lang;
use serde::{Deserialize, Serialize};

/// The level of a unit (*cấp*); a lower level is greater, so levels sort from the top down.
///
/// Hamlets are not administrative units but stand below the commune in every address and report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// *Cấp tỉnh*.
    Province,
    /// *Cấp huyện*; ended on 2025-07-01.
    District,
    /// *Cấp xã*.
    Commune,
    /// *Ấp, khu vực, thôn, tổ dân phố*.
    Hamlet,
}

impl Level {
    /// All levels, from the top down.
    pub const ALL: [Self; 4] = [Self::Province, Self::District, Self::Commune, Self::Hamlet];

    /// The word in files and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Hamlet => "hamlet",
        }
    }

    /// The level that a word in a file or column stands for.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// The level's name for people, "cấp xã".
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Province => lang::territory::level_province(lang),
            Self::District => lang::territory::level_district(lang),
            Self::Commune => lang::territory::level_commune(lang),
            Self::Hamlet => lang::territory::level_hamlet(lang),
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:ident $level:ident,)*) => {
        /// The kind of a unit (*loại đơn vị*); it decides the level.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds, from the top level down.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The word of the `type` column of the lists, `thanh_pho_tw`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => stringify!($word),)* }
            }

            /// The level on which units of this kind stand.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$kind => Level::$level,)* }
            }

            /// The kind's name for people, "thị trấn".
            #[must_use]
            pub fn say(self, lang: Lang) -> &'static str {
                match self { $(Self::$kind => lang::kind::$word(lang),)* }
            }
        }
    };
}

kinds! {
    /// *Tỉnh*.
    Province tinh Province,
    /// *Thành phố trực thuộc trung ương*.
    NationalCity thanh_pho_tw Province,
    /// *Huyện*.
    RuralDistrict huyen District,
    /// *Quận*.
    UrbanDistrict quan District,
    /// *Thị xã*.
    Town thi_xa District,
    /// *Thành phố thuộc tỉnh*.
    ProvincialCity thanh_pho District,
    /// *Xã*.
    Commune xa Commune,
    /// *Phường*.
    Ward phuong Commune,
    /// *Thị trấn*; none after 2025-07-01.
    Township thi_tran Commune,
    /// *Đặc khu*; since 2025-07-01.
    SpecialZone dac_khu Commune,
    /// *Ấp*, in communes of the South.
    Ap ap Hamlet,
    /// *Khu vực*, in wards of Cần Thơ and Hậu Giang.
    KhuVuc khu_vuc Hamlet,
    /// *Thôn*.
    Thon thon Hamlet,
    /// *Tổ dân phố*.
    ToDanPho to_dan_pho Hamlet,
    /// *Khu phố*.
    KhuPho khu_pho Hamlet,
    /// *Khóm*.
    Khom khom Hamlet,
}

impl Kind {
    /// The kind that a word of the `type` column stands for.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The Vietnamese word in front of a name, "Thành phố".
    #[must_use]
    pub fn title(self) -> String {
        let word = match self {
            Self::NationalCity | Self::ProvincialCity => Self::ProvincialCity.say(Lang::Vietnamese),
            kind => kind.say(Lang::Vietnamese),
        };
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}
