"""A key pair for one run, and the certificate that carries it. Nothing of it is kept."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=365)  # nobody is to be reminded of its end


@dataclass(frozen=True, slots=True)
class Keys:
    """Both PEM."""

    private: str = field(repr=False)
    certificate: str

    @property
    def der(self) -> str:
        """The certificate as metadata hold it."""
        return "".join(self.certificate.splitlines()[1:-1])


def make_keys(now: datetime | None = None) -> Keys:
    """RSA of 2048 bits, which every provider in use can be told."""
    now = now or datetime.now(UTC)
    key = rsa.generate_private_key(65537, 2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gangway rehearsal")])
    built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
    made = built.not_valid_after(now + LIFE).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Keys(private.decode(), made.public_bytes(serialization.Encoding.PEM).decode())
