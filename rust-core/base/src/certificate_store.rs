//! The Windows certificate store: finds a certificate by thumbprint, and signs with its key, which stays where it is.
//!
//! Not verified: it compiles for Windows, and has never run there.

/// Whether this system has one.
pub const IS_HERE: bool = cfg!(windows);

/// Why the store is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// Not Windows.
    NoStore,
    /// No certificate of this thumbprint.
    NotFound,
    /// A certificate without a private key.
    NoKey,
    /// Windows refused.
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// Its number.
        code: u32,
    },
}

/// A certificate of the store.
pub struct StoreCertificate {
    /// DER.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: StoreKey,
}

#[cfg(windows)]
pub use windows::{StoreKey, find};

#[cfg(not(windows))]
pub use elsewhere::{StoreKey, find};

#[cfg(not(windows))]
mod elsewhere {
    use super::{StoreCertificate, StoreError};

    /// There is none.
    pub enum StoreKey {}

    /// Says so.
    pub fn find(_thumbprint: &[u8; 20]) -> Result<StoreCertificate, StoreError> {
        Err(StoreError::NoStore)
    }

    impl StoreKey {
        /// Never called.
        pub fn sign_pss_sha256(&self, _digest: &[u8]) -> Result<Vec<u8>, StoreError> {
            match *self {}
        }
    }
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "Windows takes pointers")]
mod windows {
    use std::ptr;

    use windows_sys::Win32::Foundation::GetLastError;
    use windows_sys::Win32::Security::Cryptography::{
        BCRYPT_PAD_PSS, BCRYPT_PSS_PADDING_INFO, BCRYPT_SHA256_ALGORITHM, CERT_CONTEXT, CERT_FIND_SHA1_HASH,
        CERT_STORE_OPEN_EXISTING_FLAG, CERT_STORE_PROV_SYSTEM_W, CERT_STORE_READONLY_FLAG,
        CERT_SYSTEM_STORE_CURRENT_USER, CERT_SYSTEM_STORE_LOCAL_MACHINE, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG,
        CRYPT_ACQUIRE_SILENT_FLAG, CRYPT_INTEGER_BLOB, CertCloseStore, CertFindCertificateInStore,
        CertFreeCertificateContext, CertOpenStore, CryptAcquireCertificatePrivateKey, HCERTSTORE, NCRYPT_KEY_HANDLE,
        NCryptFreeObject, NCryptSignHash, PKCS_7_ASN_ENCODING, X509_ASN_ENCODING,
    };

    use super::{StoreCertificate, StoreError};

    /// Length of the salt: that of the hash, as PS256 wants it.
    const SALT: u32 = 32;
    /// An RSA signature of the largest key there is use for.
    const LARGEST_SIGNATURE: usize = 2048;

    /// A key of the store's provider (software, TPM or smart card).
    pub struct StoreKey {
        handle: NCRYPT_KEY_HANDLE,
        /// Whether the handle is ours to free; the certificate's context owns it otherwise.
        owned: bool,
        /// Keeps the context, which may own the handle.
        _context: Context,
    }

    // SAFETY: CNG key handles and certificate contexts may be used from any thread; signing takes `&self` and CNG locks.
    unsafe impl Send for StoreKey {}
    // SAFETY: as above.
    unsafe impl Sync for StoreKey {}

    struct Store(HCERTSTORE);

    struct Context(*const CERT_CONTEXT);

    impl Drop for Store {
        fn drop(&mut self) {
            // SAFETY: the handle came from CertOpenStore and is closed once; contexts keep what they need of the store.
            unsafe { CertCloseStore(self.0, 0) };
        }
    }

    impl Drop for Context {
        fn drop(&mut self) {
            // SAFETY: the context came from CertFindCertificateInStore and is freed once.
            unsafe { CertFreeCertificateContext(self.0) };
        }
    }

    impl Drop for StoreKey {
        fn drop(&mut self) {
            if self.owned {
                // SAFETY: the handle is ours and is freed once.
                unsafe { NCryptFreeObject(self.handle) };
            }
        }
    }

    /// The certificate of a SHA-1 thumbprint in `My` of the user, then of the machine.
    pub fn find(thumbprint: &[u8; 20]) -> Result<StoreCertificate, StoreError> {
        for place in [CERT_SYSTEM_STORE_CURRENT_USER, CERT_SYSTEM_STORE_LOCAL_MACHINE] {
            // A store that can't be opened is one that has not got it: a service has no user's store.
            let Some(store) = open(place) else { continue };
            if let Some(context) = find_in(&store, thumbprint) {
                return Ok(StoreCertificate { certificate: der(&context), key: key(context)? });
            }
        }
        Err(StoreError::NotFound)
    }

    fn open(place: u32) -> Option<Store> {
        let name: Vec<u16> = "MY\0".encode_utf16().collect();
        let flags = place | CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG;
        // SAFETY: the provider is a constant of Windows', the name a terminated UTF-16 text that outlives the call.
        let store = unsafe { CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, flags, name.as_ptr().cast()) };
        (!store.is_null()).then_some(Store(store))
    }

    fn find_in(store: &Store, thumbprint: &[u8; 20]) -> Option<Context> {
        let blob = CRYPT_INTEGER_BLOB { cbData: 20, pbData: thumbprint.as_ptr().cast_mut() };
        let encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;
        let what = ptr::from_ref(&blob).cast();
        // SAFETY: the store is open, the blob points to 20 bytes that outlive the call and are only read.
        let found = unsafe { CertFindCertificateInStore(store.0, encoding, 0, CERT_FIND_SHA1_HASH, what, ptr::null()) };
        (!found.is_null()).then_some(Context(found))
    }

    fn der(context: &Context) -> Vec<u8> {
        // SAFETY: a context that was found points to its encoded bytes, which live as long as it does.
        unsafe {
            let context = &*context.0;
            std::slice::from_raw_parts(context.pbCertEncoded, context.cbCertEncoded as usize).to_vec()
        }
    }

    fn key(context: Context) -> Result<StoreKey, StoreError> {
        let (mut handle, mut spec, mut owned) = (0, 0, 0);
        // No window may open: the caller can be a service. Only CNG keys can sign with PSS.
        let flags = CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_SILENT_FLAG;
        // SAFETY: the context is valid; the three results are written to locals that outlive the call.
        let done = unsafe {
            CryptAcquireCertificatePrivateKey(context.0, flags, ptr::null(), &mut handle, &mut spec, &mut owned)
        };
        if done == 0 {
            // SAFETY: reads a number of this thread's.
            let code = unsafe { GetLastError() };
            // CRYPT_E_NO_KEY_PROPERTY
            let missing = code == 0x8009_200B;
            return Err(if missing { StoreError::NoKey } else { refused("CryptAcquireCertificatePrivateKey", code) });
        }
        Ok(StoreKey { handle, owned: owned != 0, _context: context })
    }

    impl StoreKey {
        /// RSASSA-PSS over a SHA-256 digest, made by the key's provider.
        pub fn sign_pss_sha256(&self, digest: &[u8]) -> Result<Vec<u8>, StoreError> {
            let padding = BCRYPT_PSS_PADDING_INFO { pszAlgId: BCRYPT_SHA256_ALGORITHM, cbSalt: SALT };
            let mut signature = vec![0; LARGEST_SIGNATURE];
            let mut written = 0;
            let digest_len = u32::try_from(digest.len()).unwrap_or(0);
            let room = u32::try_from(signature.len()).unwrap_or(0);
            // SAFETY: the handle is open; digest and signature are buffers of the lengths that are said; padding outlives
            // the call.
            let status = unsafe {
                NCryptSignHash(
                    self.handle,
                    ptr::from_ref(&padding).cast(),
                    digest.as_ptr(),
                    digest_len,
                    signature.as_mut_ptr(),
                    room,
                    &mut written,
                    BCRYPT_PAD_PSS,
                )
            };
            if status != 0 {
                return Err(refused("NCryptSignHash", status.cast_unsigned()));
            }
            signature.truncate(written as usize);
            Ok(signature)
        }
    }

    fn refused(what: &'static str, code: u32) -> StoreError {
        StoreError::Refused { what, code }
    }
}
