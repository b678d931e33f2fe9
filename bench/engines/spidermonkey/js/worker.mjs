// The program that measures SpiderMonkey. The host has the name of the configuration.

// First: the other modules use what it defines while they are evaluated.
import './globals.mjs';
import { serve } from './serve.mjs';
import { SpiderMonkey } from './spidermonkey.mjs';

serve(SpiderMonkey);
