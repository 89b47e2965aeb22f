import { createPinia } from 'pinia';
import { createApp } from 'vue';

import { createChannel } from './api/client.ts';
import App from './App.vue';
import { watchForUnexpectedErrors } from './composables/unexpected-errors.ts';
import { channelKey } from './composables/useChannel.ts';
import { createAppRouter } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';

watchForUnexpectedErrors(window);
const app = createApp(App);
// As if Vue had not caught it.
app.config.errorHandler = reportError;
app.provide(channelKey, createChannel()).use(createPinia()).use(createAppRouter()).mount('#app');
