<?php
header('content-type: text/plain; charset=utf-8');
echo "Hello from {{project-name}}: {$_SERVER['REQUEST_METHOD']} {$_SERVER['PATH_INFO']}\n";
