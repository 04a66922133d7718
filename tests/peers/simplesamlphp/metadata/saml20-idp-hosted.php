<?php
// The provider: who it is, what it signs with, and the NameID that it gives.
$peer = json_decode(getenv('PEER'), true);
$metadata["http://127.0.0.1:{$peer['port']}/idp"] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'provider.key',
    'certificate' => 'provider.crt',
    'auth' => 'staff',
    'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
    'authproc' => [3 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid']],
];
