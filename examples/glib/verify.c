/* What an installer with more rights does with an OCI layout that a user downloaded, as in Flatpak: it takes the manifest
 * and the layers from the service, which judged them, and never reads them in the layout itself.
 *
 * Usage: verify SOCKET LAYOUT IDENTITY OUTPUT
 * OUTPUT is made, and must be where only the installer can write. It has manifest.json and layer-1, layer-2, ... afterwards.
 * Exit code: 0 accepted, and all is there; 1 rejected; 2 no verdict, or a layer was broken. Only 0 allows to install.
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixsocketaddress.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

enum { ACCEPTED = 0, REJECTED = 1, NO_VERDICT = 2 };

#define SECONDS 60
#define LONGEST_MESSAGE (16 * 1024 * 1024)

/* A message ends with a NUL. Descriptors, if there are any, go with its first byte. */
static gboolean
send_call (GSocket *service, const char *text, GUnixFDList *fds, GError **error)
{
  g_autoptr(GSocketControlMessage) rights = fds != NULL ? g_unix_fd_message_new_with_fd_list (fds) : NULL;
  gsize length = strlen (text) + 1, sent = 0;

  while (sent < length)
    {
      GOutputVector part = { text + sent, length - sent };
      int n_messages = rights != NULL && sent == 0 ? 1 : 0;
      gssize count = g_socket_send_message (service, NULL, &part, 1, &rights, n_messages, 0, NULL, error);

      if (count < 0)
        return FALSE;
      sent += count;
    }
  return TRUE;
}

/* The text of one reply, and the descriptors that came with it. */
static char *
receive_reply (GSocket *service, GUnixFDList **fds, GError **error)
{
  g_autoptr(GByteArray) text = g_byte_array_new ();
  g_autoptr(GUnixFDList) received = g_unix_fd_list_new ();
  guint8 buffer[65536];

  while (text->len == 0 || text->data[text->len - 1] != '\0')
    {
      GInputVector part = { buffer, sizeof buffer };
      GSocketControlMessage **messages = NULL;
      int n_messages = 0, flags = 0;
      gssize count = g_socket_receive_message (service, NULL, &part, 1, &messages, &n_messages, &flags, NULL, error);

      for (int i = 0; i < n_messages; i++)
        {
          if (G_IS_UNIX_FD_MESSAGE (messages[i]))
            g_set_object (&received, g_unix_fd_message_get_fd_list (G_UNIX_FD_MESSAGE (messages[i])));
          g_object_unref (messages[i]);
        }
      g_free (messages);
      if (count < 0)
        return NULL;
      if (count == 0 || text->len + count > LONGEST_MESSAGE)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The service closed the connection, or said too much");
          return NULL;
        }
      g_byte_array_append (text, buffer, count);
    }
  *fds = g_steal_pointer (&received);
  return (char *) g_byte_array_free (g_steal_pointer (&text), FALSE);
}

/* Calls a method of dev.sealcheck.Image. If the reply is an error there is no verdict, or no blob: NULL. */
static JsonObject *
call (GSocket *service, const char *method, JsonObject *parameters, GUnixFDList *fds, GUnixFDList **reply_fds,
      GError **error)
{
  g_autoptr(JsonNode) message = json_node_new (JSON_NODE_OBJECT);
  g_autoptr(JsonNode) reply = NULL;
  g_autoptr(GUnixFDList) received = NULL;
  g_autofree char *name = g_strconcat ("dev.sealcheck.Image.", method, NULL);
  g_autofree char *text = NULL;
  g_autofree char *answer = NULL;
  JsonObject *object = json_object_new ();

  json_node_take_object (message, object);
  json_object_set_string_member (object, "method", name);
  json_object_set_object_member (object, "parameters", parameters);
  text = json_to_string (message, FALSE);
  if (!send_call (service, text, fds, error) || (answer = receive_reply (service, &received, error)) == NULL ||
      (reply = json_from_string (answer, error)) == NULL)
    return NULL;
  object = json_node_get_object (reply);
  if (json_object_has_member (object, "error") || !json_object_has_member (object, "parameters"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", name, answer);
      return NULL;
    }
  if (reply_fds != NULL)
    *reply_fds = g_steal_pointer (&received);
  return json_object_ref (json_object_get_object_member (object, "parameters"));
}

static JsonObject *
parameters_of_image (gint64 image)
{
  JsonObject *parameters = json_object_new ();

  json_object_set_int_member (parameters, "image", image);
  return parameters;
}

/* Writes all that a descriptor of a reply has into a new file. */
static gboolean
save (GUnixFDList *fds, gint64 index, GFile *file, GError **error)
{
  g_autoptr(GInputStream) input = NULL;
  g_autoptr(GFileOutputStream) output = NULL;
  int fd = g_unix_fd_list_get (fds, index, error);

  if (fd < 0)
    return FALSE;
  input = g_unix_input_stream_new (fd, TRUE);
  output = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, error);
  return output != NULL && g_output_stream_splice (G_OUTPUT_STREAM (output), input,
                                                   G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) >= 0;
}

/* The bytes of a pipe are good only once FinishBlob has replied; before that nothing is done with them. */
static gboolean
save_blob (GSocket *service, gint64 image, const char *digest, GFile *file, GError **error)
{
  g_autoptr(JsonObject) begun = NULL;
  g_autoptr(JsonObject) finished = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  JsonObject *parameters = parameters_of_image (image);

  json_object_set_string_member (parameters, "digest", digest);
  begun = call (service, "GetBlob", parameters, NULL, &fds, error);
  if (begun == NULL || !save (fds, json_object_get_int_member (begun, "data_fd_index"), file, error))
    return FALSE;
  parameters = json_object_new ();
  json_object_set_int_member (parameters, "blob", json_object_get_int_member (begun, "blob"));
  finished = call (service, "FinishBlob", parameters, NULL, NULL, error);
  if (finished != NULL)
    return TRUE;
  g_file_delete (file, NULL, NULL);
  return FALSE;
}

/* The manifest that was judged, and the layers that it names. */
static gboolean
save_image (GSocket *service, gint64 image, GFile *output, GError **error)
{
  g_autoptr(JsonObject) manifest = NULL;
  g_autoptr(JsonObject) info = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GFile) manifest_file = g_file_get_child (output, "manifest.json");
  JsonArray *layers;

  if (!g_file_make_directory (output, NULL, error))
    return FALSE;
  manifest = call (service, "GetManifest", parameters_of_image (image), NULL, &fds, error);
  if (manifest == NULL || !save (fds, json_object_get_int_member (manifest, "manifest_fd_index"), manifest_file, error))
    return FALSE;
  g_print ("Manifest to use: %s\n", json_object_get_string_member (manifest, "digest"));

  info = call (service, "GetLayerInfo", parameters_of_image (image), NULL, NULL, error);
  if (info == NULL)
    return FALSE;
  layers = json_object_get_array_member (info, "layers");
  for (guint i = 0; i < json_array_get_length (layers); i++)
    {
      const char *digest = json_object_get_string_member (json_array_get_object_element (layers, i), "digest");
      g_autofree char *name = g_strdup_printf ("layer-%u", i + 1);
      g_autoptr(GFile) file = g_file_get_child (output, name);

      if (!save_blob (service, image, digest, file, error))
        return FALSE;
      g_print ("Layer to use: %s\n", digest);
    }
  return TRUE;
}

/* The layout is opened once, and its descriptor sent: who exchanges the directory by another one changes nothing. */
static JsonObject *
open_image (GSocket *service, const char *layout, const char *identity, GError **error)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  JsonObject *parameters;
  int fd = open (layout, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", layout, g_strerror (errno));
      return NULL;
    }
  parameters = json_object_new ();
  json_object_set_int_member (parameters, "directory_fd_index", g_unix_fd_list_append (fds, fd, error));
  close (fd);
  json_object_set_string_member (parameters, "directory_layout", "oci");
  json_object_set_string_member (parameters, "identity", identity);
  return call (service, "Open", parameters, fds, NULL, error);
}

static int
verify (const char *path, const char *layout, const char *identity, const char *output, GError **error)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocket) service = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
  g_autoptr(GFile) directory = g_file_new_for_path (output);
  g_autoptr(JsonObject) opened = NULL;
  JsonObject *verdict;

  if (service == NULL || !g_socket_connect (service, address, NULL, error))
    return NO_VERDICT;
  g_socket_set_timeout (service, SECONDS);
  opened = open_image (service, layout, identity, error);
  if (opened == NULL)
    return NO_VERDICT;
  verdict = json_object_get_object_member (opened, "verdict");
  g_print ("%s\n", json_object_get_string_member (verdict, "message"));
  if (g_strcmp0 (json_object_get_string_member (verdict, "outcome"), "accepted") != 0)
    return REJECTED;
  return save_image (service, json_object_get_int_member (opened, "image"), directory, error) ? ACCEPTED : NO_VERDICT;
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  int outcome = NO_VERDICT;

  if (argc != 5)
    g_printerr ("Usage: verify SOCKET LAYOUT IDENTITY OUTPUT\n");
  else
    outcome = verify (argv[1], argv[2], argv[3], argv[4], &error);
  if (error != NULL)
    g_printerr ("no verdict: %s\n", error->message);
  return outcome;
}
