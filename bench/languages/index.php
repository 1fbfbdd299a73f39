<?php
$rounds = json_decode(file_get_contents('php://input'), true)['rounds'];
$value = 1;
for ($round = 0; $round < $rounds; $round++) $value = ($value * 75 + 74) % 65537;
header('content-type: application/json');
echo json_encode(['rounds' => $rounds, 'value' => $value]);
