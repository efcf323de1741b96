<?php
// For machines: is this host well, and what does it run? The balancer and the release system ask every second.

header('Content-Type: text/plain; charset=utf-8');
header('Cache-Control: no-store');
echo 'release ', release_number(), "\n";
