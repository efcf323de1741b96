<?php
refuse(404, 'There is no such page here. The menu above knows all that there are.');
