//! What of glibc 2.34 has to do. The engine of provisioning scripts calls `hypot`, for `Math.hypot`; glibc 2.35 has a new version of
//! it, and a library that is linked there would be refused by the systems before, as Red Hat Enterprise Linux 9.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

/// C's `hypot`, in place of glibc's: no overflow in between, infinity before NaN. Right to the last two bits.
#[unsafe(no_mangle)]
extern "C" fn hypot(x: f64, y: f64) -> f64 {
    let (x, y) = (x.abs(), y.abs());
    if x.is_infinite() || y.is_infinite() {
        return f64::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (larger, smaller) = if x < y { (y, x) } else { (x, y) };
    if larger == 0.0 {
        return larger;
    }
    let ratio = smaller / larger;
    larger * (1.0 + ratio * ratio).sqrt()
}

#[cfg(test)]
mod tests {
    use super::hypot;

    #[test]
    fn it_is_what_c_says() {
        for (x, y, expected) in [(3.0, -4.0, 5.0), (0.0, -0.0, 0.0), (1e308, 0.0, 1e308), (3e-320, 4e-320, 5e-320)] {
            let found = hypot(x, y);
            assert!((found - expected).abs() <= expected * 1e-3, "{x} {y}: {found}");
        }
        assert!(hypot(f64::NAN, f64::NEG_INFINITY).is_infinite() && hypot(1e308, 1e308).is_finite());
        assert!(hypot(f64::NAN, 1.0).is_nan() && hypot(0.0, f64::NAN).is_nan());
    }
}
