/* Holds back what is written to standard error, natively: TensorFlow's static initialisers write two lines there
 * before any setting of its log can be heard. mute() sends the stream to an unnamed temporary file; restore() puts it
 * back and returns what was written, so that nothing is lost where loading fails. Neither ever throws. */
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int saved = -1;
static FILE *held = NULL;

static napi_value mute(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  if (saved >= 0 || (held = tmpfile()) == NULL) return NULL;
  fflush(stderr);
  saved = dup(STDERR_FILENO);
  if (saved < 0 || dup2(fileno(held), STDERR_FILENO) < 0) {
    if (saved >= 0) close(saved);
    saved = -1;
    fclose(held);
  }
  return NULL;
}

static napi_value restore(napi_env env, napi_callback_info info) {
  (void)info;
  char *text = NULL;
  long length = 0;
  if (saved >= 0) {
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    saved = -1;
    if (fseek(held, 0, SEEK_END) == 0 && (length = ftell(held)) > 0 && (text = malloc((size_t)length)) != NULL) {
      rewind(held);
      length = (long)fread(text, 1, (size_t)length, held);
    }
    fclose(held);
  }
  napi_value result = NULL;
  napi_create_string_utf8(env, text == NULL ? "" : text, text == NULL ? 0 : (size_t)length, &result);
  free(text);
  return result;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"mute", NULL, mute, NULL, NULL, NULL, napi_enumerable, NULL},
      {"restore", NULL, restore, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}
