<?php
// One person, as a directory knows her.
$peer = json_decode(getenv('PEER'), true);
$config = [
    'staff' => [
        'exampleauth:UserPass',
        'ana:over there' => [
            'uid' => ['u-4711'],
            'mail' => ["ana@{$peer['domain']}"],
            'displayName' => ['Ana Sæther'],
        ],
    ],
];
