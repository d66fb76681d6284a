//! What the status codes of logons and Kerberos mean, in Windows' own words.

const MEANINGS: [(u32, &str); 26] = [
    (0x0, "success"),
    (0x6, "client not found in Kerberos database"),
    (0x7, "server not found in Kerberos database"),
    (0xC, "KDC policy rejects request"),
    (0x12, "client's credentials have been revoked"),
    (0x17, "password has expired"),
    (0x18, "pre-authentication information was invalid"),
    (0x1B, "server principal valid for user-to-user only"),
    (0x20, "ticket expired"),
    (0x25, "clock skew too great"),
    (0xC000_0005, "access violation"),
    (0xC000_005E, "no logon servers available"),
    (0xC000_0064, "user name does not exist"),
    (0xC000_006A, "user name is correct but the password is wrong"),
    (0xC000_006D, "bad user name or authentication information"),
    (0xC000_006E, "account restriction"),
    (0xC000_006F, "logon outside authorized hours"),
    (0xC000_0070, "logon from unauthorized workstation"),
    (0xC000_0071, "password expired"),
    (0xC000_0072, "account disabled"),
    (0xC000_00DC, "server in the wrong state"),
    (0xC000_0133, "clocks of domain controller and computer are out of sync"),
    (0xC000_015B, "logon type not granted"),
    (0xC000_0193, "account expired"),
    (0xC000_0224, "password must be changed at next logon"),
    (0xC000_0234, "account locked out"),
];

/// `Status(0xc000006d): bad user name …`, or the code alone where its meaning is not known.
pub(super) fn describe(code: &str, mut write: impl FnMut(&[&str])) {
    let digits = code.strip_prefix("0x").or_else(|| code.strip_prefix("0X"));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match MEANINGS.iter().find(|row| Some(row.0) == number) {
        Some((_, meaning)) => write(&["Status(", code, "): ", meaning]),
        None => write(&[code]),
    }
}
