<?php
// simplesamlphp as one company's provider, for the journey. What differs from run to run comes as JSON in PEER.
$peer = json_decode(getenv('PEER'), true);
$config = [
    'baseurlpath' => "http://127.0.0.1:{$peer['port']}/",
    'certdir' => "{$peer['folder']}/",
    'tempdir' => $peer['folder'],
    'metadatadir' => dirname(__DIR__) . '/metadata',
    'secretsalt' => 'for one journey',
    'auth.adminpassword' => 'for one journey',
    'technicalcontact_email' => 'it@nordwind.example',
    'timezone' => 'UTC',
    'enable.saml20-idp' => true,
    'logging.handler' => 'errorlog',
    'store.type' => 'phpsession',
    'session.phpsession.savepath' => $peer['folder'],
    'session.cookie.secure' => false,
    'module.enable' => ['exampleauth' => true],
];
