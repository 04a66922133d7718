<?php
// Who asks: the two values that are copied from the page for a company's IT.
$peer = json_decode(getenv('PEER'), true);
$metadata[$peer['entity_id']] = [
    'AssertionConsumerService' => $peer['acs'],
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
];
